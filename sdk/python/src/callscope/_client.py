"""The REST client: Client blocks; AsyncClient has the same methods, awaited."""

from callscope._api import Api
from callscope._async_api import AsyncApi
from callscope._connection import Connection


class Client(Api):
    """The REST API of one server, with one key; settings that are not given come from the environment.

    `timeout` is in seconds. With an administrator's key, `project_id` says which project is meant.
    """

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        timeout: float = 30.0,
        project_id: int | None = None,
    ) -> None:
        super().__init__(Connection(api_key, base_url, timeout, project_id))


class AsyncClient(AsyncApi):
    """Client, for a program that must not block."""

    def __init__(
        self,
        api_key: str | None = None,
        base_url: str | None = None,
        *,
        timeout: float = 30.0,
        project_id: int | None = None,
    ) -> None:
        super().__init__(Connection(api_key, base_url, timeout, project_id))
