"""`make rules` fails on a name that is no rule, and where a rule has too little evidence."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parent.parent.parent


def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, test: str, *options: str) -> pytest.RunResult:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    pytester.makepyfile(f"import pytest\n{test}")
    return pytester.runpytest_subprocess("-p", "tests.rules", "-p", "no:cacheprovider", *options)


def test_a_rule_that_does_not_exist_is_refused_with_its_test(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = run(pytester, monkeypatch, "@pytest.mark.rule('domain-99')\ndef test_it(): pass\n")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["*::test_it: tests/rules.yml has no rule `domain-99`; correct the name"])


def test_the_same_test_with_other_values_is_one_piece(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = (
        "@pytest.mark.rule('domain-1')\n@pytest.mark.parametrize('n', [1, 2])\ndef test_it(n): pass\ndef test_x(): 1/0"
    )
    result = run(pytester, monkeypatch, test, "--rules")
    result.stdout.fnmatch_lines(["domain-1: * TOO LITTLE, 1 of 1", "*passed *::test_it (2 times)"])
    result.assert_outcomes(passed=2, deselected=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_evidence_that_fails_is_shown(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(pytester, monkeypatch, "@pytest.mark.rule('domain-4')\ndef test_it(): assert False\n", "--rules")
    result.stdout.fnmatch_lines(["domain-4: * FAILED, 0 of 1"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED
