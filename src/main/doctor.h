// `callscope doctor`: a list of checks, each of which says what it found and what to do about it.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace callscope {

enum class Verdict { kOk, kWarning, kProblem };

struct Finding {
  Verdict verdict = Verdict::kOk;
  std::string text;    // what is so
  std::string remedy;  // what to do; empty for what is well
};

struct DoctorCheck {
  std::string name;  // such as "write-ahead log"
  std::function<std::vector<Finding>()> run;
};

struct CheckedFindings {
  std::string name;
  std::vector<Finding> findings;
};

std::vector<CheckedFindings> run_checks(const std::vector<DoctorCheck>& checks);
Verdict worst_of(const std::vector<CheckedFindings>& checked);

std::string findings_as_text(const std::vector<CheckedFindings>& checked);
// {"verdict": "ok"|"warning"|"problem", "items": [{"check", "verdict", "text", "remedy"}, …]}
std::string findings_as_json(const std::vector<CheckedFindings>& checked);

}  // namespace callscope
