"""Prints "PASSED FAILED" of one test run, for the closing summary of ./dev test.

usage: test_counts.py ctest|vitest|junit REPORT STATUS

STATUS is the runner's exit status: a run that failed counts at least one failure, whatever its
report says, so that a crash before the first test is never taken for a success.
"""

import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def count_ctest(text: str) -> tuple[int, int]:
    """Counts the cases inside ctest's log: GoogleTest's own, and one for any other program."""
    passed = failed = 0
    for block in re.split(r"^\d+/\d+ Testing: ", text, flags=re.MULTILINE)[1:]:
        ended_well = "\nTest Passed." in block
        cases_passed = re.search(r"^\[  PASSED  \] (\d+) tests?", block, re.MULTILINE)
        cases_failed = re.search(r"^ ?(\d+) FAILED TESTS?", block, re.MULTILINE)
        passed += int(cases_passed.group(1)) if cases_passed else int(ended_well)
        failed += int(cases_failed.group(1)) if cases_failed else int(not ended_well)
    # ctest notes these as passed in this file.
    not_built = len(re.findall(r"^Unable to find executable: ", text, re.MULTILINE))
    return passed - not_built, failed + not_built


def count_vitest(text: str) -> tuple[int, int]:
    """Counts vitest's closing line, `Tests  1 failed | 41 passed (42)`."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", text)
    passed = failed = 0
    for line in re.findall(r"^\s*Tests\s+(.*)$", plain, re.MULTILINE):
        for count, word in re.findall(r"(\d+) (passed|failed)", line):
            if word == "passed":
                passed += int(count)
            else:
                failed += int(count)
    return passed, failed


def count_junit(text: str) -> tuple[int, int]:
    """Counts a JUnit report; an error is a failure, a skipped test is neither."""
    passed = failed = 0
    for suite in ElementTree.fromstring(text).iter("testsuite"):
        bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
        failed += bad
        passed += int(suite.get("tests", 0)) - bad - int(suite.get("skipped", 0))
    return passed, failed


def main() -> None:
    kind, report, status = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
    count = {"ctest": count_ctest, "vitest": count_vitest, "junit": count_junit}[kind]
    passed, failed = count(report.read_text(errors="replace")) if report.exists() else (0, 0)
    if status != 0 and failed == 0:
        failed = 1
    print(passed, failed)


if __name__ == "__main__":
    main()
