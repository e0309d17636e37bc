"""The API as a whole, and its contract (OpenAPI 3.1 at /api/openapi.json)."""

import hashlib
import json
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import condition, require_safe
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.renderers import JSONRenderer
from ninja.responses import NinjaJSONEncoder

from tongban.api import (
    account,
    acts,
    cases,
    drafts,
    duties,
    lookup,
    matters,
    offerings,
    peers,
    places,
    problems,
    sessions,
)
from tongban.api.idempotency import HEADER
from tongban.api.parsing import Bounded
from tongban.api.schemas import Problem


class PlainJSON(JSONRenderer):
    """JSON that people can read in a log of their own: Chinese as it is."""

    json_dumps_params = {"ensure_ascii": False}


class TongbanAPI(NinjaAPI):
    """An API whose contract says on every path how it refuses, and on every write that it wants a key."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return the contract."""
        schema = super().get_openapi_schema(**options)
        reference = {"$ref": "#/components/schemas/Problem"}
        refusal = {"description": "未办理", "content": {problems.MEDIA_TYPE: {"schema": reference}}}
        schema["components"].setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
        writes = {self.get_openapi_operation_id(one) for one in self.operations() if _is_write(one)}
        for path in schema["paths"].values():
            for operation in path.values():
                operation["responses"] = {str(code): one for code, one in operation["responses"].items()}
                operation["responses"]["default"] = refusal
                if operation["operationId"] in writes:
                    operation["parameters"].append(_KEY_PARAMETER)
        return schema

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Name an operation after its function, which is unique among ours."""
        return str(operation.view_func.__name__)

    def operations(self) -> list[Operation]:
        """Return every operation, by no particular order."""
        views = [view for _, router in self._routers for view in router.path_operations.values()]
        return [operation for view in views for operation in view.operations]


_KEY_PARAMETER = {
    "name": HEADER, "in": "header", "required": True,
    "description": "每次操作一个新值；同一值重发得到同一答复，不会重复办理",
    "schema": {"type": "string", "minLength": 1, "maxLength": 100, "pattern": "^[!-~]+$"},
}  # fmt: skip


def _is_write(operation: Operation) -> bool:
    return bool(getattr(operation.view_func, "is_write", False))


api = TongbanAPI(
    title="通办 Tongban",
    version="1",
    description="跨省通办：一个办件、两个角色、各节点各自签名。错误以 application/problem+json 返回，code 稳定。",
    renderer=PlainJSON(),
    parser=Bounded(),
    docs_url=None,
    openapi_url=None,  # below, made once
    urls_namespace="api",
)
problems.add_to(api)
for _prefix, _router in {
    "/v1/sessions": sessions.router,
    "/v1/account": account.router,
    "/v1/offerings": offerings.router,
    "/v1/drafts": drafts.router,
    "/v1/cases": cases.router,
    "/v1/duties": duties.router,
    "/v1/lookup": lookup.router,
    "/v1/matters": matters.router,
}.items():
    api.add_router(_prefix, _router)
api.add_router("/v1/cases", acts.router)
api.add_router("/v1", places.router)
api.add_router("/v1", peers.router)


@cache
def _written() -> bytes:
    """Return the contract as it goes out; it is that of this program, so it is made once."""
    return json.dumps(api.get_openapi_schema(), cls=NinjaJSONEncoder, ensure_ascii=False).encode()


@cache
def _mark() -> str:
    return f'"{hashlib.sha256(_written()).hexdigest()[:32]}"'


@require_safe
@condition(etag_func=lambda _request: _mark())
def contract(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_written(), content_type="application/json", headers={"Cache-Control": "no-cache"})
