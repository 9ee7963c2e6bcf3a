"""`timtin`: all commands under one name, in any folder, configured from three sources."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from web.command import TimTin, main, settings_of

ROOT = Path(__file__).resolve().parents[2]
SHADOWS = ("index", "search", "web", "json", "click", "numpy", "flask", "tests")


def run(*arguments: str, environment: Mapping[str, str] | None = None) -> Result:
    return CliRunner().invoke(main, arguments, env=environment, prog_name="timtin")


def commands() -> dict[str, click.Command]:
    context = click.Context(main)
    assert isinstance(main, TimTin)
    found = {name: main.get_command(context, name) for name in main.list_commands(context)}
    return {name: command for name, command in found.items() if command}


def test_the_commands_of_all_packages_are_listed() -> None:
    listed = run("--help").output
    for name in ("build", "update", "delete", "stats", "search", "evaluate", "serve"):
        assert f"\n  {name} " in listed


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_has_help_and_an_index(name: str) -> None:
    assert run(name, "--help").exit_code == 0
    assert run(name, "-h").exit_code == 0


def test_an_unknown_command_is_bad_usage() -> None:
    result = run("serch")
    assert result.exit_code == 2
    assert "No such command 'serch'" in result.output


ENTRIES = (
    ("search", "lúa", "--index", "built"),
    ("search", "lúa", "--json", "--index", "built"),
    ("search.evaluate", "none", "none", "--index", "built"),
    ("web", "--index", "none"),
    ("web.command", "search", "lúa", "--index", "built"),
    ("web.command", "stats", "--index", "built"),
)


@pytest.mark.parametrize("arguments", ENTRIES, ids=lambda one: " ".join(one[:2]))
@pytest.mark.parametrize("streams", [">&-", "<&- >&- 2>&-"])
def test_a_closed_output_is_reported(
    folder: Path, arguments: tuple[str, ...], streams: str
) -> None:
    """`python -m search QUERY >&-` ended with a traceback, and later silently with success."""
    line = f'exec "$@" {streams}'
    done = subprocess.run(
        ("bash", "-c", line, "bash", sys.executable, "-m", *arguments),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "2>&-" in streams or "Error" in done.stderr


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a small corpus and an index of it in `built`."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.jsonl").write_text('{"id": "1", "title": "Giá lúa tăng"}\n', "utf-8")
    assert run("build", "a.jsonl", "--index", "built", "--workers", "1").exit_code == 0
    return tmp_path


def test_tables_of_the_settings_file_apply_to_command_groups(folder: Path) -> None:
    (folder / "timtin.toml").write_text('index = "built"\n[keys]\nscope = "write"\n', "utf-8")
    assert run("keys", "create").exit_code == 0
    assert (folder / "built.state").is_dir()
    assert '"write"' in run("keys", "list", "--json").output
    (folder / "timtin.toml").write_text("[keys]\nscoop = 1\n", "utf-8")
    assert "no setting 'scoop'" in run("keys", "list").output


def test_options_come_before_the_environment_before_the_file(folder: Path) -> None:
    (folder / "timtin.toml").write_text('index = "built"\n[search]\njson = true\n', "utf-8")
    assert run("search", "lúa").output.startswith('{"query"')
    elsewhere = run("search", "lúa", environment={"TIMTIN_INDEX": "other"})
    assert "other" in elsewhere.output
    assert elsewhere.exit_code == 1
    third = run("search", "lúa", "--index", "third", environment={"TIMTIN_INDEX": "other"})
    assert "third" in third.output


def test_the_settings_file_can_be_chosen(folder: Path) -> None:
    (folder / "mine.toml").write_text('index = "built"\n', "utf-8")
    assert run("--config", "mine.toml", "stats").exit_code == 0
    assert run("stats", environment={"TIMTIN_CONFIG": "mine.toml"}).exit_code == 0
    assert run("stats").exit_code == 1
    assert run("--config", "none.toml", "stats").exit_code == 2


@pytest.mark.parametrize(
    ("settings", "reported"),
    [
        ("indeks = 'x'", "no command has a setting 'indeks'"),
        ("[serach]\njson = true", "[serach] names no command"),
        ("[search]\njsn = true", "there is no setting 'jsn'"),
        ("[search\n", "cannot be read as TOML"),
        ("[search]\npage = 'two'", "'two' is not a valid integer"),
    ],
)
def test_a_wrong_setting_is_an_error_that_names_it(
    folder: Path, settings: str, reported: str
) -> None:
    (folder / "timtin.toml").write_text(settings, "utf-8")
    result = run("search", "lúa", "--index", "built")
    assert result.exit_code in {1, 2}
    assert reported in result.output


def test_a_setting_of_other_commands_is_no_error(folder: Path) -> None:
    (folder / "timtin.toml").write_text("port = 8001\n[serve]\nhost = '::1'\n", "utf-8")
    assert run("stats", "--index", "built").exit_code == 0


def test_every_option_has_a_variable_in_the_environment() -> None:
    for name, command in commands().items():
        prefix = command.context_settings.get("auto_envvar_prefix")
        for option in command.params:
            if isinstance(option, click.Option) and option.name != "help":
                assert option.envvar or prefix == "TIMTIN", f"{name} {option.opts}"


def test_settings_have_the_names_of_options() -> None:
    assert settings_of(commands()["search"])["json"] == "as_json"


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the wheel's files and a script that starts `timtin`."""
    folder = tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    script = folder / "bin" / "timtin"
    script.parent.mkdir()
    script.write_text("import sys\nfrom web.command import run\nsys.exit(run())\n", "utf-8")
    return folder


def test_it_imports_nothing_from_the_folder_it_runs_in(installed: Path, tmp_path: Path) -> None:
    for name in SHADOWS:
        (tmp_path / f"{name}.py").write_text("raise SystemExit('shadowed')", "utf-8")
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('shadowed')", "utf-8")
    (tmp_path / "a.jsonl").write_text('{"id": "1", "title": "Giá lúa tăng"}\n', "utf-8")
    for arguments in (
        ["build", "a.jsonl", "--index", "i", "--workers", "2"],
        ["stats", "--index", "i"],
        ["search", "lúa", "--index", "i"],
        ["serve", "--help"],
    ):
        done = subprocess.run(
            [sys.executable, str(installed / "bin" / "timtin"), *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(installed / "site")},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr


def test_the_version_is_shown() -> None:
    done = run("--version")
    assert done.exit_code == 0
    assert done.output.strip()
