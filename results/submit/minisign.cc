// Ed25519 signatures in the format of minisign, by libsodium.
#include "results/submit/minisign.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <vector>

#include "harness/base/error.h"

namespace inferometer {
namespace {

using Bytes = std::vector<std::uint8_t>;

constexpr std::size_t kIdBytes = 8, kAlgorithmBytes = 2;
constexpr std::size_t kPublicBytes =
    kAlgorithmBytes + kIdBytes + crypto_sign_PUBLICKEYBYTES;  // "Ed", id, key
constexpr std::size_t kSignatureBytes = kAlgorithmBytes + kIdBytes + crypto_sign_BYTES;
// "Ed", kdf "\0\0" or "Sc", checksum "B2", salt, two limits, then id, key and checksum.
constexpr std::size_t kSaltBytes = 32, kLimitBytes = 8, kChecksumBytes = 32;
constexpr std::size_t kSecretHead = 6 + kSaltBytes + 2 * kLimitBytes;
constexpr std::size_t kSecretBytes =
    kSecretHead + kIdBytes + crypto_sign_SECRETKEYBYTES + kChecksumBytes;

constexpr std::string_view kUntrusted = "untrusted comment: ", kTrusted = "trusted comment: ";

void StartSodium() {
  if (sodium_init() < 0) {
    throw Error(ExitCode::kRunFailed, "libsodium finds no source of random numbers on this system");
  }
}

const unsigned char* Raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

std::string Base64(const Bytes& bytes) {
  std::string text(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes.data(), bytes.size(),
                    sodium_base64_VARIANT_ORIGINAL);
  text.pop_back();
  return text;
}

// The bytes of a base64 text when it has exactly `size` of them.
std::optional<Bytes> FromBase64(std::string_view text, std::size_t size) {
  Bytes bytes(size);
  std::size_t got = 0;
  const char* end = nullptr;
  if (sodium_base642bin(bytes.data(), bytes.size(), text.data(), text.size(), nullptr, &got, &end,
                        sodium_base64_VARIANT_ORIGINAL) != 0 ||
      got != size || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return bytes;
}

std::vector<std::string_view> Lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

// BLAKE2b-256 of "Ed", id and key: guards a key file against damage.
std::array<std::uint8_t, kChecksumBytes> Checksum(const std::uint8_t* id_and_key) {
  crypto_generichash_state state;
  std::array<std::uint8_t, kChecksumBytes> sum{};
  crypto_generichash_init(&state, nullptr, 0, sum.size());
  crypto_generichash_update(&state, Raw("Ed"), kAlgorithmBytes);
  crypto_generichash_update(&state, id_and_key, kIdBytes + crypto_sign_SECRETKEYBYTES);
  crypto_generichash_final(&state, sum.data(), sum.size());
  return sum;
}

Bytes Prehash(std::string_view bytes) {
  Bytes hash(crypto_generichash_BYTES_MAX);  // 64
  crypto_generichash(hash.data(), hash.size(), Raw(bytes), bytes.size(), nullptr, 0);
  return hash;
}

std::string HexId(const std::uint8_t* id) {  // as minisign shows it: little endian
  std::string text;
  for (std::size_t i = kIdBytes; i-- > 0;) text += fmt::format("{:02X}", id[i]);
  return text;
}

}  // namespace

SecretKey SecretKey::Generate() {
  StartSodium();
  SecretKey pair;
  randombytes_buf(pair.id_.data(), pair.id_.size());
  std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> unused{};
  crypto_sign_keypair(unused.data(), pair.key_.data());
  return pair;
}

SecretKey SecretKey::Parse(std::string_view text, std::string_view name) {
  StartSodium();
  const auto fail = [&](std::string_view what) {
    throw Error(ExitCode::kInvalidInput, fmt::format("'{}' {}", name, what));
  };
  const std::vector<std::string_view> lines = Lines(text);
  if (lines.size() < 2 || !lines[0].starts_with(kUntrusted)) {
    fail("is not a secret key of minisign's format; `inferometer submit --new-key` makes one");
  }
  std::optional<Bytes> bytes = FromBase64(lines[1], kSecretBytes);
  if (!bytes || (*bytes)[0] != 'E' || (*bytes)[1] != 'd' || (*bytes)[4] != 'B') {
    fail(
        "is not a whole secret key: restore it from a copy, or make another with "
        "`inferometer submit --new-key --key FILE`");
  }
  if ((*bytes)[2] == 'S') {
    fail(
        "is protected by a password, which is not asked for here: take the password off a copy "
        "with `minisign -C -W -s FILE`, or make a key with `inferometer submit --new-key`");
  }
  const std::uint8_t* body = bytes->data() + kSecretHead;
  const std::uint8_t* stored = body + kIdBytes + crypto_sign_SECRETKEYBYTES;
  const auto sum = Checksum(body);
  SecretKey pair;
  std::copy_n(body, kIdBytes, pair.id_.begin());
  std::copy_n(body + kIdBytes, pair.key_.size(), pair.key_.begin());
  // minisign leaves the checksum of a key without a password empty; the public half tells, too.
  const bool empty = std::all_of(stored, stored + kChecksumBytes, [](auto b) { return b == 0; });
  std::array<std::uint8_t, crypto_sign_PUBLICKEYBYTES> derived{};
  std::array<std::uint8_t, crypto_sign_SECRETKEYBYTES> again{};
  crypto_sign_seed_keypair(derived.data(), again.data(), pair.key_.data());
  const bool whole = again == pair.key_ && (empty || std::equal(sum.begin(), sum.end(), stored));
  sodium_memzero(again.data(), again.size());
  sodium_memzero(bytes->data(), bytes->size());
  if (!whole) fail("is damaged: its checksum does not fit; restore it from a copy");
  return pair;
}

SecretKey::SecretKey(SecretKey&& other) noexcept : id_(other.id_), key_(other.key_) {
  sodium_memzero(other.key_.data(), other.key_.size());
}

SecretKey::~SecretKey() { sodium_memzero(key_.data(), key_.size()); }

std::string SecretKey::PublicKey() const {
  Bytes bytes = {'E', 'd'};
  bytes.insert(bytes.end(), id_.begin(), id_.end());
  bytes.insert(bytes.end(), key_.begin() + crypto_sign_SEEDBYTES, key_.end());
  return Base64(bytes);
}

std::string SecretKey::FileText() const {
  Bytes body(id_.begin(), id_.end());
  body.insert(body.end(), key_.begin(), key_.end());
  Bytes bytes = {'E', 'd', 0, 0, 'B', '2'};
  bytes.resize(kSecretHead);  // no password: salt and limits are zero
  bytes.insert(bytes.end(), body.begin(), body.end());
  const auto sum = Checksum(body.data());
  bytes.insert(bytes.end(), sum.begin(), sum.end());
  std::string text = fmt::format("{}inferometer secret key {}\n{}\n", kUntrusted, HexId(id_.data()),
                                 Base64(bytes));
  sodium_memzero(bytes.data(), bytes.size());
  sodium_memzero(body.data(), body.size());
  return text;
}

std::string SecretKey::PublicText() const {
  return fmt::format("{}inferometer public key {}\n{}\n", kUntrusted, HexId(id_.data()),
                     PublicKey());
}

std::string SecretKey::Sign(std::string_view bytes, std::string_view comment) const {
  const Bytes hash = Prehash(bytes);
  std::array<std::uint8_t, crypto_sign_BYTES> signature{}, global{};
  crypto_sign_detached(signature.data(), nullptr, hash.data(), hash.size(), key_.data());
  Bytes signed_comment(signature.begin(), signature.end());
  signed_comment.insert(signed_comment.end(), comment.begin(), comment.end());
  crypto_sign_detached(global.data(), nullptr, signed_comment.data(), signed_comment.size(),
                       key_.data());
  Bytes head = {'E', 'D'};
  head.insert(head.end(), id_.begin(), id_.end());
  head.insert(head.end(), signature.begin(), signature.end());
  return fmt::format("{}signature by inferometer key {}\n{}\n{}{}\n{}\n", kUntrusted,
                     HexId(id_.data()), Base64(head), kTrusted, comment,
                     Base64(Bytes(global.begin(), global.end())));
}

bool IsPublicKey(std::string_view text) {
  const auto bytes = FromBase64(text, kPublicBytes);
  return bytes && (*bytes)[0] == 'E' && (*bytes)[1] == 'd';
}

std::string WhyNotSigned(std::string_view bytes, std::string_view minisig,
                         std::string_view public_key) {
  StartSodium();
  const auto key = FromBase64(public_key, kPublicBytes);
  if (!key || (*key)[0] != 'E' || (*key)[1] != 'd') return "the public key is none of minisign's";
  const std::vector<std::string_view> lines = Lines(minisig.substr(0, 16384));
  if (lines.size() != 4 || !lines[0].starts_with(kUntrusted) || !lines[2].starts_with(kTrusted)) {
    return "the signature file is not in minisign's format";
  }
  const auto head = FromBase64(lines[1], kSignatureBytes);
  const auto global = FromBase64(lines[3], crypto_sign_BYTES);
  if (!head || !global || (*head)[0] != 'E' || ((*head)[1] != 'D' && (*head)[1] != 'd')) {
    return "the signature file is not in minisign's format";
  }
  if (!std::equal(head->begin() + 2, head->begin() + 2 + kIdBytes, key->begin() + 2)) {
    return fmt::format("signed by key {}, not by key {} that the result names",
                       HexId(head->data() + 2), HexId(key->data() + 2));
  }
  const std::uint8_t* signature = head->data() + 2 + kIdBytes;
  const std::uint8_t* verifier = key->data() + 2 + kIdBytes;
  const Bytes hash = Prehash(bytes);
  const bool prehashed = (*head)[1] == 'D';
  const bool holds =
      prehashed ? crypto_sign_verify_detached(signature, hash.data(), hash.size(), verifier) == 0
                : crypto_sign_verify_detached(signature, Raw(bytes), bytes.size(), verifier) == 0;
  if (!holds) return "the signature is not one of these bytes";
  const std::string_view comment = lines[2].substr(kTrusted.size());
  Bytes signed_comment(signature, signature + crypto_sign_BYTES);
  signed_comment.insert(signed_comment.end(), comment.begin(), comment.end());
  if (crypto_sign_verify_detached(global->data(), signed_comment.data(), signed_comment.size(),
                                  verifier) != 0) {
    return "the trusted comment was changed";
  }
  return {};
}

}  // namespace inferometer
