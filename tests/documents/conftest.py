"""Properties may take their time: other suites run beside this one."""

from hypothesis import settings

settings.register_profile("portal", deadline=None)
settings.load_profile("portal")
