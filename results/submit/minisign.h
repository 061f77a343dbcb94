// Ed25519 signatures in the format of minisign 0.11, over the exact bytes of a file.
//
// Format: https://jedisct1.github.io/minisign/#signature-format. Signatures are of the prehashed
// kind ("ED": over the BLAKE2b-512 hash of the bytes); verifying takes the older kind ("Ed") too.
#ifndef INFEROMETER_RESULTS_SUBMIT_MINISIGN_H_
#define INFEROMETER_RESULTS_SUBMIT_MINISIGN_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace inferometer {

// A key pair in memory; wiped when it goes.
class SecretKey {
 public:
  static SecretKey Generate();
  // The text of a secret key file without a password, ours or minisign's. Throws
  // Error(kInvalidInput) that begins with `name` and says what to do, for one with a password too.
  static SecretKey Parse(std::string_view text, std::string_view name);

  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;
  SecretKey(SecretKey&& other) noexcept;
  ~SecretKey();

  std::string PublicKey() const;   // "RW...", 56 characters
  std::string FileText() const;    // what Parse reads, and `minisign -S` too
  std::string PublicText() const;  // a .pub file
  // The text of a .minisig file. `comment` is signed too; it has no line break.
  std::string Sign(std::string_view bytes, std::string_view comment) const;

 private:
  SecretKey() = default;

  std::array<std::uint8_t, 8> id_{};
  std::array<std::uint8_t, 64> key_{};  // seed and public key
};

// Whether `text` is "RW..." of a key.
bool IsPublicKey(std::string_view text);

// What is wrong with the signature `minisig` of `bytes` by `public_key`; empty when it holds.
std::string WhyNotSigned(std::string_view bytes, std::string_view minisig,
                         std::string_view public_key);

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_SUBMIT_MINISIGN_H_
