"""Loaded before the settings are: the suite writes under a folder of its own."""

import os
import tempfile

os.environ["QUANHENG_VAR"] = tempfile.mkdtemp(prefix="quanheng-tests-")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
for name in ("ALLOWED_HOSTS", "STORAGE_URL", "SIGNING_KEY_FILE", "DEBUG", "AUDIT_POLICY_FILE"):
    os.environ.pop(name, None)
os.environ["CELERY_TASK_ALWAYS_EAGER"] = "1"  # tasks run where they are sent, broker or not
os.environ["CACHE_PREFIX"] = f"tests-{os.getpid()}"  # processes side by side share one Redis
