"""Properties are judged by their results: how long an example takes says more of the machine."""

from hypothesis import settings

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")
