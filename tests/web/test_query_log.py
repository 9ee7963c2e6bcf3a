"""The query log."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from flask.testing import FlaskClient

from tests.web.conftest import newspaper
from tests.web.fake import FakeSearcher
from web.app import create_app
from web.command import main
from web.settings import Settings
from web.state.keys import Keys, Scope
from web.state.query_log import MAX_DAYS, QueryLog


def client_of(**settings: Any) -> FlaskClient:
    return create_app(FakeSearcher(newspaper()), Settings(**settings)).test_client()


def test_searches_and_clicks_are_logged_without_addresses(tmp_path: Path) -> None:
    state = tmp_path / "i.state"
    client = client_of(state=state, query_log=True)
    for path in (
        "/search?q=nước  sạch",
        "/api/search?q=nước sạch",
        "/api/search?q=nước sạch&page=2",
        "/search.atom?q=nước sạch",
        "/search?q=xyz",
        "/article/bai-2-2019?q=nước sạch",
        "/article/nobody?q=nước sạch",
        "/search?q=lúa",
        "/search?section=Kinh tế",
    ):
        client.get(path, environ_overrides={"REMOTE_ADDR": "10.1.2.3"})
    report = QueryLog(state).report()
    counted = {one.query: (one.searches, one.total, one.clicks) for one in report.most}
    assert counted == {"nước sạch": (2, 6, 1), "xyz": (1, 0, 0), "lúa": (1, 24, 0)}
    assert [one.query for one in report.without_hits] == ["xyz"]
    assert [one.query for one in report.without_clicks] == ["lúa"]
    assert b"10.1.2.3" not in b"".join(p.read_bytes() for p in state.rglob("*") if p.is_file())
    shown = CliRunner().invoke(main, ["queries", "--index", str(tmp_path / "i"), "--json"]).output
    assert json.loads(shown)["searches"] == 4
    assert "xyz" in CliRunner().invoke(main, ["queries", "--index", str(tmp_path / "i")]).output


def test_query_statistics_are_shown_to_admins(tmp_path: Path) -> None:
    client = client_of(state=tmp_path, query_log=True)
    client.get("/search?q=<b>lúa")
    weak, strong = Keys(tmp_path).create(Scope.WRITE), Keys(tmp_path).create(Scope.ADMIN)
    for path in ("/queries", "/api/queries"):
        assert client.get(path).status_code == 401
        assert client.get(path, auth=("x", weak)).status_code == 403
        assert "lúa" in client.get(path, auth=("x", strong)).text
    assert "<b>l" not in client.get("/queries", auth=("x", strong)).text


def test_the_query_log_can_be_turned_off_and_old_entries_are_deleted(tmp_path: Path) -> None:
    client_of(state=tmp_path, query_log=False).get("/search?q=lúa")
    assert not (tmp_path / "queries").exists()
    log = QueryLog(tmp_path)
    day = datetime.now(UTC) - timedelta(days=MAX_DAYS + 1)
    old = tmp_path / "queries" / f"{day:%Y-%m-%d}.jsonl"
    old.write_text("{}\nnot json\n[1]\n", "utf-8")
    assert log.report().searches == 0
    QueryLog(tmp_path)
    assert not old.exists()
