// The operating system: name, kernel, architecture, C library.
#if defined(__unix__) || defined(__APPLE__)
#include <sys/utsname.h>
#endif
#if defined(__ANDROID__)
#include <sys/system_properties.h>
#elif defined(__GLIBC__)
#include <gnu/libc-version.h>
#endif

#include "probes/facts.h"
#include "probes/list.h"

namespace inferometer {
namespace {

#if defined(__unix__) || defined(__APPLE__)
std::string Uname(char* (*pick)(utsname&)) {
  utsname name{};
  return uname(&name) == 0 ? pick(name) : "";
}
#endif

std::string LibcOfThisBuild() {
#if defined(__ANDROID__)
  return "bionic";
#elif defined(__GLIBC__)
  return std::string("glibc ") + gnu_get_libc_version();
#elif defined(__APPLE__)
  return "libSystem";
#elif defined(__linux__)
  return "not glibc";
#else
  return "";
#endif
}

std::string AndroidProperty([[maybe_unused]] const char* name) {
#if defined(__ANDROID__)
  char value[PROP_VALUE_MAX] = "";
  __system_property_get(name, value);
  return value;
#else
  return "";
#endif
}

std::string Unquoted(std::string text) {
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') &&
      text.back() == text.front()) {
    text = text.substr(1, text.size() - 2);
  }
  return text;
}

}  // namespace

std::vector<Fact> ReadOs(const SystemRoot& root) {
  const Reader reader(root);
  Facts facts;
  const Reading android =
      reader.Ask("android_release", [] { return AndroidProperty("ro.build.version.release"); });
  const Reading system = reader.Ask("system", [] {
#if defined(__unix__) || defined(__APPLE__)
    return Uname([](utsname& name) -> char* { return name.sysname; });
#else
    return std::string("Windows");
#endif
  });
  facts.Text("family", android ? Reading{"Android", ""} : system,
             android ? "ro.build.version.release" : "uname");
  if (android) {
    facts.Add("name", "Android " + *android.text, "", "ro.build.version.release");
  } else {
    const std::string file =
        reader.Exists("/etc/os-release") ? "/etc/os-release" : "/usr/lib/os-release";
    const Reading release = reader.Text(file);
    const auto name = release ? Field(*release.text, "PRETTY_NAME") : std::nullopt;
    if (name) {
      facts.Add("name", Unquoted(*name), "", file);
    } else {
      facts.Missing("name", "", file, release ? "not told" : release.reason);
    }
  }
  const Reading kernel = reader.Text("/proc/sys/kernel/osrelease");
  facts.Text("kernel", kernel, "/proc/sys/kernel/osrelease");
  facts.Text("architecture",
             reader.Ask("machine",
                        [] {
#if defined(__unix__) || defined(__APPLE__)
                          return Uname([](utsname& name) -> char* { return name.machine; });
#else
    return std::string();
#endif
                        }),
             "uname");
  facts.Text("libc", reader.Ask("libc", LibcOfThisBuild), "C library");
  const std::string sys_vendor = "/sys/class/dmi/id/sys_vendor",
                    product = "/sys/class/dmi/id/product_name";
  const std::string tree = "/proc/device-tree/model";
  const Reading phone =
      reader.Ask("android_model", [] { return AndroidProperty("ro.product.model"); });
  const Reading vendor = reader.Text(sys_vendor), name = reader.Text(product),
                board = reader.Strings(tree);
  if (phone) {
    facts.Add("machine", *phone.text, "", "ro.product.model");
  } else if (name) {
    facts.Add("machine", (vendor ? *vendor.text + " " : "") + *name.text, "", product);
  } else if (board) {
    facts.Add("machine", *board.text, "", tree);
  } else {
    facts.Missing("machine", "", product, "neither DMI nor a device tree names the machine");
  }
  return facts.Take();
}

}  // namespace inferometer
