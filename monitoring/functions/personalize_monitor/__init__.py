"""Watch Amazon Personalize: what there is, what it costs, what should alarm, and what could be cheaper.

The pure modules (settings, resources, usage, money, forecast, guard, alarms, metrics, notices, dashboard) know neither
boto3 nor the time; the others bring them facts and carry out what they say.
"""
