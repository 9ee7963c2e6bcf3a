"""A stateful fuzzer of the HTTP API: written articles are found, no response is a server error."""

import json
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from benchmarks.http_fuzz import Site, any_path, any_query_string

IDS = st.sampled_from(["1", "a/b", "..", "x y", "ắ", "%2F"])
TITLES = st.sampled_from(["Giá lúa tăng", "Mưa lũ ở Huế", "Bóng đá", "Nước sạch về làng"])


class Surface(RuleBasedStateMachine):
    """Writes, deletions, rebuilds and arbitrary requests, compared with a model of the index."""

    @initialize()
    def open(self) -> None:
        self.site = Site()
        self.held: dict[str, str] = {"first": "Tin đầu tiên"}

    def teardown(self) -> None:
        if hasattr(self, "site"):
            self.site.close()

    @rule(articles=st.dictionaries(IDS, TITLES, min_size=1, max_size=4))
    def add(self, articles: dict[str, str]) -> None:
        records = [{"id": id_, "title": title} for id_, title in articles.items()]
        report = self.site.write("POST", "/api/articles", records)
        assert (report["read"], report["indexed"]) == (len(records), len(records))
        assert report["replaced"] == len(articles.keys() & self.held.keys())
        self.held |= articles

    @rule(ids=st.lists(IDS, min_size=1, max_size=3, unique=True))
    def delete(self, ids: list[str]) -> None:
        report = self.site.write("DELETE", "/api/articles", {"ids": ids})
        assert report["deleted"] == len(self.held.keys() & set(ids))
        for id_ in ids:
            self.held.pop(id_, None)

    @rule(body=st.binary(max_size=40) | st.text(max_size=40).map(lambda text: text.encode()))
    def send_anything(self, body: bytes) -> None:
        response = self.site.send("POST", "/api/articles", body)
        assert response.status_code in {202, 400}
        self.site.work()
        self.held = {hit["id"]: hit["title"] for hit in self.everything()}

    def everything(self) -> list[Any]:
        exported = self.site.client.get("/api/export").data
        return [json.loads(line) for line in exported.splitlines()]

    @precondition(lambda self: self.held)
    @rule()
    def all_is_there(self) -> None:
        assert {hit["id"]: hit["title"] for hit in self.everything()} == self.held
        response = self.site.client.get("/api/search").get_json()
        assert (
            response["total"]
            == len(self.held)
            == self.site.client.get("/healthz").get_json()["articles"]
        )

    @rule(id_=IDS)
    def an_article_is_there_or_not(self, id_: str) -> None:
        with self.site.client.get("/api/article", query_string={"id": id_}) as response:
            assert response.status_code == (200 if id_ in self.held else 404)

    @rule(path=any_path(), query=any_query_string(), method=st.sampled_from(["GET", "HEAD", "PUT"]))
    def ask_for_anything(self, path: str, query: str, method: str) -> None:
        self.site.ask(method, path, query)


Surface.TestCase.settings = settings(max_examples=5, stateful_step_count=12, deadline=None)
TestSurface = Surface.TestCase
