"""Amazon Personalize on your own machine."""
