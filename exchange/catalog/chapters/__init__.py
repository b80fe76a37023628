"""The product manual chapter by chapter; `exchange.catalog.manual` puts them together."""
