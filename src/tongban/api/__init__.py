"""The HTTP API: one router a resource, problem documents, idempotency, paging; it translates and decides nothing."""
