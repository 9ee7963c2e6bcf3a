"""The evaluation command on a collection of three articles."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from ir_measures import Qrel

from index.analysis import analyse
from index.article import Article
from index.embedded.writer import build
from search.evaluate import EvaluationError, main, measure, read_qrels, read_queries

ARTICLES = [
    Article("rain 1", title="Mưa lớn ở miền núi", body="Mưa lớn làm nhiều tuyến đường sạt lở."),
    Article("rain-2", title="Lũ rút chậm", body="Sau trận mưa lớn, nước rút chậm."),
    Article("rice", title="Giá gạo tăng", body="Giá gạo xuất khẩu tăng tuần thứ ba."),
]


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    build([analyse(ARTICLES)], tmp_path / "index")
    queries = [("q1", "mưa lớn"), ("q2", "gia gao"), ("q3", "không ai xét")]
    lines = [json.dumps({"qid": qid, "text": text}) for qid, text in queries]
    (tmp_path / "queries.jsonl").write_text("\n".join(lines), "utf-8")
    (tmp_path / "qrels.tsv").write_text("q1\train 1\t1\nq1\train-2\t1\nq2\train-2\t1\n", "utf-8")
    return tmp_path


def evaluate(folder: Path, *options: str) -> Result:
    files = [str(folder / name) for name in ("queries.jsonl", "qrels.tsv")]
    return CliRunner().invoke(main, [*files, "--index", str(folder / "index"), *options])


def test_measures_are_means_over_the_judged_queries(collection: Path) -> None:
    result = evaluate(collection, "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "queries": 2,
        "measures": {"nDCG@10": 0.5, "RR@10": 0.5, "R@100": 0.5},
    }
    assert "nDCG@10 0.5000" in evaluate(collection).stdout


def test_json_can_be_enabled_by_the_environment(
    collection: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TIMTIN_JSON", "1")
    assert json.loads(evaluate(collection).stdout)["queries"] == 2


def test_the_run_file_has_the_trec_format(collection: Path) -> None:
    run = collection / "run.txt"
    assert evaluate(collection, "--run", str(run)).exit_code == 0
    rows = [line.split(" ") for line in run.read_text("utf-8").splitlines()]
    assert {row[0] for row in rows} == {"q1", "q2"}
    assert {row[2] for row in rows if row[0] == "q1"} == {"rain_1", "rain-2"}
    assert [row[3] for row in rows if row[0] == "q1"] == ["1", "2"]
    assert all(len(row) == 6 and row[1] == "Q0" and float(row[4]) > 0 for row in rows)


def test_equal_scores_keep_their_order() -> None:
    run = {"q": (("b", 1.0), ("a", 1.0))}
    assert measure([Qrel("q", "b", 1)], run)["RR@10"] == 1.0
    assert measure([Qrel("q", "a", 1)], run)["RR@10"] == 0.5


def test_an_unreadable_file_is_named(collection: Path) -> None:
    (collection / "qrels.tsv").write_text("q1\train\tvery\n", "utf-8")
    with pytest.raises(EvaluationError, match=r"qrels\.tsv, line 1"):
        read_qrels(collection / "qrels.tsv")
    assert evaluate(collection).exit_code == 1
    (collection / "queries.jsonl").write_text('{"qid": "q1"}', "utf-8")
    with pytest.raises(EvaluationError, match=r"queries\.jsonl, line 1"):
        read_queries(collection / "queries.jsonl")
    with pytest.raises(EvaluationError, match="cannot be read"):
        read_queries(collection / "absent.jsonl")


def test_trec_qrels_are_read_too(tmp_path: Path) -> None:
    (tmp_path / "qrels").write_text("q1 0 a 2\nq1 0 b 0\n", "utf-8")
    assert read_qrels(tmp_path / "qrels") == [Qrel("q1", "a", 2), Qrel("q1", "b", 0)]


def test_queries_without_judgements_are_an_error(collection: Path) -> None:
    (collection / "qrels.tsv").write_text("other\train\t1\n", "utf-8")
    result = evaluate(collection)
    assert result.exit_code == 1
    assert "judges none" in result.output


def test_a_missing_index_is_an_error(collection: Path, tmp_path: Path) -> None:
    (collection / "index").rename(tmp_path / "elsewhere")
    result = evaluate(collection)
    assert result.exit_code == 1
    assert isinstance(result.exception, SystemExit)


def test_the_files_of_beir_are_read_as_they_are(tmp_path: Path) -> None:
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\ta\t2\n", "utf-8")
    assert read_qrels(tmp_path / "qrels.tsv") == [Qrel("q1", "a", 2)]
    (tmp_path / "queries.jsonl").write_text('{"_id": "q1", "text": "giá gạo"}\n', "utf-8")
    assert read_queries(tmp_path / "queries.jsonl") == {"q1": "giá gạo"}
