"""All articles of an index in a cluster, in the order of indexing, at one point in time."""

import json
from collections.abc import Iterator
from typing import Any

from index.article import Article
from index.embedded.stored_articles import article_from_json
from index.opensearch.client import Client
from index.opensearch.location import parse_location
from index.opensearch.names import read_commit

_TOGETHER = 1000
_KEPT_OPEN = "5m"


def read_articles(location: str) -> Iterator[Article]:
    """Yield the articles as they were given, whatever is written meanwhile.

    Raises IndexUnavailableError where there is no index, or the cluster does not answer.
    """
    client = Client(parse_location(location))
    commit = read_commit(client)
    point = client.request(
        "POST", f"/{commit.index}/_search/point_in_time", None, {"keep_alive": _KEPT_OPEN}
    )
    name = point["pit_id"]
    body: dict[str, Any] = {
        "size": _TOGETHER,
        "sort": [{"sequence": "asc"}],
        "track_total_hits": False,
        "_source": ["article"],
    }
    try:
        while True:
            body["pit"] = {"id": name, "keep_alive": _KEPT_OPEN}
            answer = client.request(
                "POST", "/_search", body, {"allow_partial_search_results": "false"}
            )
            hits = answer["hits"]["hits"]
            name = answer.get("pit_id", name)
            for hit in hits:
                yield article_from_json(json.dumps(hit["_source"]["article"]).encode())
            if len(hits) < _TOGETHER:
                return
            body["search_after"] = hits[-1]["sort"]
    finally:
        client.request("DELETE", "/_search/point_in_time", {"pit_id": [name]})
