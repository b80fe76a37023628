"""Price adjustment (价格调节): chosen, worked out, announced, stopped where somebody says so."""
