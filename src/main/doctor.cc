#include "main/doctor.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/encoding.h"

namespace callscope {
namespace {

constexpr std::array<std::string_view, 3> kNames = {"ok", "warning", "problem"};

std::string_view name_of(Verdict verdict) { return kNames[static_cast<size_t>(verdict)]; }

}  // namespace

std::vector<CheckedFindings> run_checks(const std::vector<DoctorCheck>& checks) {
  std::vector<CheckedFindings> checked;
  for (const DoctorCheck& check : checks) checked.push_back({check.name, check.run()});
  return checked;
}

Verdict worst_of(const std::vector<CheckedFindings>& checked) {
  Verdict worst = Verdict::kOk;
  for (const CheckedFindings& check : checked) {
    for (const Finding& finding : check.findings) worst = std::max(worst, finding.verdict);
  }
  return worst;
}

std::string findings_as_text(const std::vector<CheckedFindings>& checked) {
  std::string out;
  for (const CheckedFindings& check : checked) {
    for (const Finding& finding : check.findings) {
      out += fmt::format("{:<8} {}: {}\n", name_of(finding.verdict), check.name, finding.text);
      if (!finding.remedy.empty()) out += fmt::format("         → {}\n", finding.remedy);
    }
  }
  const Verdict worst = worst_of(checked);
  out += worst == Verdict::kOk ? "\nAll is well.\n"
                               : fmt::format("\nThere is a {}.\n", name_of(worst));
  return out;
}

std::string findings_as_json(const std::vector<CheckedFindings>& checked) {
  std::string out = fmt::format(R"({{"verdict":"{}","items":[)", name_of(worst_of(checked)));
  for (const CheckedFindings& check : checked) {
    for (const Finding& finding : check.findings) {
      if (out.back() == '}') out += ',';
      out += R"({"check":)";
      append_json_string(out, check.name);
      out += fmt::format(R"(,"verdict":"{}","text":)", name_of(finding.verdict));
      append_json_string(out, finding.text);
      out += R"(,"remedy":)";
      append_json_string(out, finding.remedy);
      out += '}';
    }
  }
  return out + "]}\n";
}

}  // namespace callscope
