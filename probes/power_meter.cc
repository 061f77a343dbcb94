// Reads a source of power by pread from open descriptors.
#include "probes/power_meter.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cmath>
#include <string_view>
#include <utility>

#include "harness/base/error.h"

namespace inferometer {
namespace {

// The text at the start of a file, without trailing white space; empty when it cannot be read.
std::string_view TextAt(int descriptor, std::array<char, 64>& buffer) {
  ssize_t got = 0;
  do {
    got = ::pread(descriptor, buffer.data(), buffer.size(), 0);
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return {};
  std::string_view text(buffer.data(), static_cast<std::size_t>(got));
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

std::optional<double> NumberAt(int descriptor) {
  std::array<char, 64> buffer;
  const auto number = ParseInteger(TextAt(descriptor, buffer));
  return number ? std::optional<double>(static_cast<double>(*number)) : std::nullopt;
}

}  // namespace

PowerMeter::PowerMeter(const Reader& reader, PowerSource source) : source_(std::move(source)) {
  const auto open = [&reader](const std::string& path) {
    if (path.empty()) return -1;
    const Reader::Opened opened = reader.Open(path);
    if (opened.descriptor < 0) {
      throw Error(ExitCode::kRunFailed, "cannot read '" + path + "': " + opened.reason);
    }
    return opened.descriptor;
  };
  for (const PowerChannel& channel : source_.channels) {
    files_.emplace_back();
    try {
      files_.back().value = open(channel.file);
      files_.back().volts = open(channel.volts);
      files_.back().guard = open(channel.guard);
    } catch (...) {
      for (const Files& files : files_) {
        for (const int d : {files.value, files.volts, files.guard}) {
          if (d >= 0) ::close(d);
        }
      }
      throw;
    }
  }
}

PowerMeter::~PowerMeter() {
  for (const Files& files : files_) {
    for (const int descriptor : {files.value, files.volts, files.guard}) {
      if (descriptor >= 0) ::close(descriptor);
    }
  }
}

std::vector<std::optional<double>> PowerMeter::Read() const {
  std::vector<std::optional<double>> values(files_.size());
  for (std::size_t i = 0; i < files_.size(); ++i) {
    const PowerChannel& channel = source_.channels[i];
    if (files_[i].guard >= 0) {
      std::array<char, 64> buffer;
      if (TextAt(files_[i].guard, buffer) != channel.guard_text) continue;
    }
    auto value = NumberAt(files_[i].value);
    if (!value) continue;
    *value *= channel.scale;
    if (channel.kind == PowerKind::kAmperes) {
      const auto volts = NumberAt(files_[i].volts);
      if (!volts) continue;
      *value *= *volts * channel.volts_scale;
    }
    // Drivers disagree about the sign of what a battery gives.
    const bool power = channel.kind == PowerKind::kWatts || channel.kind == PowerKind::kAmperes;
    values[i] = power ? std::abs(*value) : *value;
  }
  return values;
}

}  // namespace inferometer
