"""The cache of this process alone: test processes side by side share one Redis."""

from django.core.cache import caches
from django.core.cache.backends.redis import RedisCache


def clear_cache() -> None:
    """Forget what this process cached; Redis' own `clear` would empty its rivals' as well."""
    cache = caches["default"]
    if not isinstance(cache, RedisCache):
        cache.clear()
        return
    client = cache._cache.get_client(None, write=True)
    for key in client.scan_iter(match=f"{cache.key_prefix}:*"):
        client.delete(key)
