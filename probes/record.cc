// Keeps what the probes of the live machine read, so that the folder is that machine again.
#include <filesystem>
#include <map>
#include <set>

#include "harness/base/error.h"
#include "harness/base/file.h"
#include "probes/probe.h"
#include "probes/reader.h"
#include "probes/topology.h"

namespace inferometer {
namespace {

constexpr std::string_view kGroups = "/sys/fs/cgroup/";

std::vector<std::string> Split(const std::string& text, char mark) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == mark) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

// Groups are named after users, sessions and containers; only the word that tells the kind stays.
std::string PlainGroup(const std::string& name) {
  for (const char* word : {"kubepods", "docker", "libpod", "lxc", "containerd"}) {
    if (name.find(word) != std::string::npos) return word;
  }
  return name.empty() ? "" : "group";
}

struct Groups {
  std::set<std::string> controllers, names;
};

Groups GroupsOf(const std::string& text) {
  Groups groups;
  for (const std::string& line : SplitLines(text)) {
    const auto fields = Split(line, ':');
    if (fields.size() < 3) continue;
    groups.controllers.insert(fields[1]);
    for (const std::string& name : Split(fields[1], ',')) groups.controllers.insert(name);
    for (const std::string& name : Split(line.substr(fields[0].size() + fields[1].size() + 2), '/'))
      groups.names.insert(name);
  }
  return groups;
}

std::string PlainGroups(const std::string& text) {
  std::string plain;
  for (const std::string& line : SplitLines(text)) {
    const auto second = line.find(':', line.find(':') + 1);
    if (second == std::string::npos) continue;
    std::string path;
    for (const std::string& name : Split(line.substr(second + 1), '/'))
      path += "/" + PlainGroup(name);
    plain += line.substr(0, second + 1) + path.substr(1) + "\n";
  }
  return plain;
}

std::string PlainGroupFile(const std::string& path, const Groups& groups) {
  auto parts = Split(path.substr(kGroups.size()), '/');
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const bool controller = i == 0 && groups.controllers.contains(parts[i]);
    if (!controller && groups.names.contains(parts[i])) parts[i] = PlainGroup(parts[i]);
  }
  std::string plain(kGroups);
  for (std::size_t i = 0; i < parts.size(); ++i) plain += (i > 0 ? "/" : "") + parts[i];
  return plain;
}

// Lines of a file that name the person, the process or the very board are left out.
std::string WithoutIdentity(const std::string& path, const std::string& text) {
  if (path == "/proc/self/cgroup") return PlainGroups(text);
  std::string kept;
  for (const std::string& line : SplitLines(text)) {
    if (path == "/proc/self/status" && !line.starts_with("Cpus_allowed_list")) continue;
    if (path == "/proc/cpuinfo" && line.starts_with("Serial")) continue;
    kept += line + "\n";
  }
  return kept;
}

void Write(const std::string& path, const std::string& text) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), error);
  if (error)
    throw Error(ExitCode::kUsage, "cannot create the folder of " + path + ": " + error.message() +
                                      "; name a folder that you may write");
  AtomicFile file(path);
  file.Write(text);
  file.Commit();
}

}  // namespace

SystemRoot RecordedRoot(const std::string& dir) {
  SystemRoot root;
  root.files = dir;
  const std::string xml = dir + "/hwloc.xml";
  std::error_code error;
  if (std::filesystem::is_regular_file(xml, error)) root.hwloc_xml = xml;
  return root;
}

nlohmann::json RecordDevice(const std::string& dir, const std::string& gpu_helper) {
  std::map<std::string, std::string> files;
  std::set<std::string> denied;
  SystemRoot root;
  root.gpu_helper = gpu_helper;
  if (const std::string xml = ExportTopologyXml(); !xml.empty()) {
    root.hwloc_xml = dir + "/hwloc.xml";
    Write(root.hwloc_xml, xml);
  }
  root.on_read = [&](const std::string& path, const std::string& text) {
    if (path == "/inferometer/denied") {
      denied.insert(text);
    } else if (std::string& kept = files[path]; kept.empty()) {
      kept = text;
    }
  };
  nlohmann::json device = DescribeDevice(root);
  const Groups groups = GroupsOf(files["/proc/self/cgroup"]);
  for (const auto& [path, text] : files) {
    const std::string place = path.starts_with(kGroups) ? PlainGroupFile(path, groups) : path;
    Write(dir + place, WithoutIdentity(path, text));
  }
  std::string list;
  for (const std::string& path : denied) list += path + "\n";
  if (!list.empty()) Write(dir + "/inferometer/denied", list);
  return device;
}

}  // namespace inferometer
