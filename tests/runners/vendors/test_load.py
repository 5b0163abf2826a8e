"""Loading a profile: mistakes are told before the first call."""

from __future__ import annotations

from typing import Any

import pytest

from paygrade.errors import UsageError
from runners.vendors.asking import load, profile


@pytest.mark.parametrize(
    ("provider", "variable"), [("openai", "OPENAI_API_KEY"), ("anthropic", "ANTHROPIC_API_KEY")]
)
@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_key_names_variable_file_and_the_demo(
    provider: str, variable: str, value: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that a person needs to go on."""
    monkeypatch.delenv(variable)
    if value is not None:
        monkeypatch.setenv(variable, value)
    with pytest.raises(UsageError) as caught:
        load(profile(provider, model="m"))
    assert str(caught.value) == (
        f"runners/gpt.yaml needs an API key in the environment variable {variable}, "
        "which is not set (export it, or try `make demo`, which needs none)"
    )


@pytest.mark.parametrize("value", ["…", "sk-a b", "sk-a\nb", "schlüssel"])
def test_what_cannot_be_a_key_is_told_before_it_is_sent(
    value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A header could not hold it; and it is not shown."""
    monkeypatch.setenv("OPENAI_API_KEY", value)
    with pytest.raises(UsageError, match="OPENAI_API_KEY, which holds characters") as caught:
        load(profile("openai", model="m"))
    assert value not in str(caught.value)


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_no_key_is_for_a_server_of_ones_own(provider: str) -> None:
    """`key_env: ''` without `base_url` would ask the vendor without a key."""
    with pytest.raises(UsageError, match="which only a server of your own takes"):
        load(profile(provider, model="m", key_env=""))
    load(profile(provider, model="m", key_env="", base_url="http://127.0.0.1:1/v1"))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "the key 'model' is missing"),
        ({"model": 7}, "'model' must be text, not 7"),
        ({"model": "m", "api": "completions"}, "'api' is 'responses' or 'chat'"),
        ({"model": "m", "base_url": []}, "'base_url' must be text"),
    ],
)
def test_a_wrong_option_is_told(options: dict[str, Any], said: str) -> None:
    """By name."""
    with pytest.raises(UsageError, match=said):
        load(profile("openai", **options))


@pytest.mark.parametrize("provider", ["openai", "anthropic"])
def test_the_environment_cannot_move_a_profile(
    provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A base URL in the environment would send the key and the questions elsewhere."""
    monkeypatch.setenv(f"{provider.upper()}_BASE_URL", "http://elsewhere.example")
    client = vars(load(profile(provider, model="m")))["_client"]
    assert client.base_url.host == f"api.{provider}.com"


def test_no_key_is_looked_for_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server of one's own must not be sent the vendor's key that happens to be set."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
    runner = load(profile("openai", model="m", key_env="", base_url="http://127.0.0.1:1/v1"))
    assert vars(runner)["_client"].api_key == "none"
