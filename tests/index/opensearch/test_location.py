"""Addresses of indexes in clusters."""

import pytest

from index.addresses import scheme_of
from index.errors import IndexUnavailableError
from index.opensearch.location import parse_location


def test_nodes_are_used_in_turn() -> None:
    location = parse_location("opensearch://a:9201,b,c:9203/tin-tuc", {})
    assert location.nodes == ("http://a:9201", "http://b:9200", "http://c:9203")
    assert location.name == "tin-tuc"
    assert location.headers == {}


def test_tls_and_credentials_come_from_scheme_and_environment() -> None:
    environment = {
        "TIMTIN_CLUSTER_USER": "mai",
        "TIMTIN_CLUSTER_PASSWORD": "bí mật",
        "TIMTIN_CLUSTER_CA": "ca.pem",
    }
    location = parse_location("opensearchs://a/tin", environment)
    assert location.nodes == ("https://a:9200",)
    assert location.headers["authorization"].startswith("Basic ")
    assert location.certificates == "ca.pem"
    key = parse_location("opensearch://a/tin", environment | {"TIMTIN_CLUSTER_API_KEY": "k"})
    assert key.headers == {"authorization": "ApiKey k"}


def test_secrets_are_not_shown() -> None:
    location = parse_location("opensearch://a/tin", {"TIMTIN_CLUSTER_API_KEY": "secret"})
    assert "secret" not in f"{location} {location!r}"


@pytest.mark.parametrize(
    "address",
    [
        "opensearch://",
        "opensearch://a",
        "opensearch:///tin",
        "opensearch://a/Tin",
        "opensearch://a/tin/tuc",
        "opensearch://a/_all",
        "opensearch://a/*",
        "opensearch://mai:x@a/tin",
    ],
)
def test_an_invalid_address_is_refused(address: str) -> None:
    assert scheme_of(address)
    with pytest.raises(IndexUnavailableError):
        parse_location(address, {})


@pytest.mark.parametrize("folder", ["my-index", "/var/lib/timtin", "opensearch", "C:/x"])
def test_a_folder_is_not_taken_for_a_cluster(folder: str) -> None:
    assert not scheme_of(folder)
