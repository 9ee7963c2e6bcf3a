"""Reads all articles of an index in a cluster in the order of indexing, at one point in time."""

from collections.abc import Iterator

from index.article import Article
from index.article_json import article_from_record
from index.opensearch.client import Client, Json
from index.opensearch.location import parse_location
from index.opensearch.mapping import ARTICLE, SEQUENCE
from index.opensearch.names import read_commit

_PAGE_SIZE = 1000
"""Hits per page: a few megabytes of news. Arbitrary."""

_KEEP_ALIVE = "5m"
"""How long the cluster keeps a point in time between two pages. Arbitrary."""


def hits_at_one_time(client: Client, index: str, body: Json) -> Iterator[list[Json]]:
    """Yield all hits of a search, page by page, at one point in time.

    `body` has the query and the order, whose last key is unique. Raises ClusterError if the cluster
    does not answer.
    """
    path = f"/{index}/_search/point_in_time"
    name = client.request("POST", path, None, {"keep_alive": _KEEP_ALIVE})["pit_id"]
    search = {**body, "size": _PAGE_SIZE, "track_total_hits": False}
    try:
        while True:
            search["pit"] = {"id": name, "keep_alive": _KEEP_ALIVE}
            whole = {"allow_partial_search_results": "false"}
            answer = client.request("POST", "/_search", search, whole)
            hits = answer["hits"]["hits"]
            name = answer.get("pit_id", name)
            yield hits
            if len(hits) < _PAGE_SIZE:
                return
            search["search_after"] = hits[-1]["sort"]
    finally:
        client.request("DELETE", "/_search/point_in_time", {"pit_id": [name]})


def read_articles(location: str) -> Iterator[Article]:
    """Yield the articles of the index as of now, unaffected by later writes.

    Raises IndexUnavailableError if there is no index, or the cluster does not answer.
    """
    client = Client(parse_location(location))
    index = read_commit(client).index
    for hits in hits_at_one_time(client, index, {"sort": [{SEQUENCE: "asc"}]}):
        for hit in hits:
            yield article_from_record(dict(hit["_source"][ARTICLE]))
