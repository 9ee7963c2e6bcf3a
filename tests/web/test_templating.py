"""Templates: calls of functions, and cached addresses."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import render_template_string
from jinja2 import pass_context, pass_environment, pass_eval_context

from tests.web.fake import FakeSearcher
from web.app import create_app
from web.settings import Settings


class _Callable:
    @pass_context
    def __call__(self, context: Any, name: str) -> Any:
        return context[name]


@pytest.mark.parametrize(
    ("function", "call", "written"),
    [
        (lambda text, more="": text + more, "f('<', more='>')", "&lt;&gt;"),
        ("a-b".replace, "f('-', '+')", "a+b"),
        (str, "f(12)", "12"),
        (pass_context(lambda context, name: context[name]), "f('outer')", "1"),
        (pass_eval_context(lambda context: context.autoescape), "f()", "True"),
        (pass_environment(lambda environment: environment.trim_blocks), "f()", "True"),
        (_Callable(), "f('outer')", "1"),
    ],
)
def test_functions_are_called_as_jinja_does(
    function: Callable[..., Any], call: str, written: str
) -> None:
    app = create_app(FakeSearcher([]))
    templates = (
        f"{{{{ {call} }}}}",
        f"{{% for one in [1] %}}{{{{ {call} }}}}{{% endfor %}}",
        f"{{% macro m(f) %}}{{{{ {call} }}}}{{% endmacro %}}{{{{ m(f) }}}}",
    )
    with app.test_request_context():
        shown = {render_template_string(one, f=function, outer=1) for one in templates}
    assert shown == {written}


def test_addresses_depend_on_the_base_path() -> None:
    pages = {
        base: create_app(FakeSearcher([]), Settings(base_path=base)).test_client().get("/help").text
        for base in ("", "/tim", "")
    }
    assert 'href="/help"' in pages[""]
    assert 'href="/tim/help"' in pages["/tim"]
    assert 'href="/tim/static/style.css?v=' in pages["/tim"]


def test_one_application_may_be_mounted_at_several_paths() -> None:
    client = create_app(FakeSearcher([])).test_client()
    for root in ("", "/tim", "/tin", ""):
        page = client.get("/help", environ_overrides={"SCRIPT_NAME": root}).text
        assert f'href="{root}/static/style.css?v=' in page
