"""Ask an endpoint whether it is Amazon Personalize: what answers, in which form, with which errors."""
