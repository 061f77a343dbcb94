// SHA-256 (FIPS 180-4), by libsodium.
#ifndef INFEROMETER_HARNESS_BASE_SHA256_H_
#define INFEROMETER_HARNESS_BASE_SHA256_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace inferometer {

// 64 lower-case hex digits.
std::string Sha256Hex(std::span<const std::byte> bytes);
std::string Sha256Hex(std::string_view text);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_BASE_SHA256_H_
