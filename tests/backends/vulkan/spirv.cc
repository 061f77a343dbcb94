// Reads SPIR-V modules: types, constants and decorations, nothing inside functions.
#include "tests/backends/vulkan/spirv.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <stdexcept>

namespace inferometer::vulkan {
namespace {

// Numbers of the SPIR-V specification 1.6, section 3.
enum Opcode : std::uint32_t {
  kExtension = 10,
  kExecutionMode = 16,
  kCapability = 17,
  kTypeBool = 20,
  kTypeInt = 21,
  kTypeFloat = 22,
  kTypeVector = 23,
  kTypeArray = 28,
  kTypeRuntimeArray = 29,
  kTypeStruct = 30,
  kTypePointer = 32,
  kConstantTrue = 41,
  kConstantFalse = 42,
  kConstant = 43,
  kConstantComposite = 44,
  kSpecConstantTrue = 48,
  kSpecConstantFalse = 49,
  kSpecConstant = 50,
  kSpecConstantComposite = 51,
  kSpecConstantOp = 52,
  kVariable = 59,
  kDecorate = 71,
  kMemberDecorate = 72,
  kCompositeExtract = 81,
  kIAdd = 128,
  kISub = 130,
  kIMul = 132,
  kUDiv = 134,
  kShiftRight = 194,
  kShiftLeft = 196,
};
enum Decoration : std::uint32_t {
  kSpecId = 1,
  kArrayStride = 6,
  kBuiltIn = 11,
  kBinding = 33,
  kDescriptorSet = 34,
  kOffset = 35,
};
constexpr std::uint32_t kMagic = 0x07230203, kLocalSize = 17, kWorkgroupSize = 25;
constexpr std::uint32_t kStorageWorkgroup = 4, kStoragePushConstant = 9;

struct Instruction {
  std::uint32_t opcode = 0;
  std::vector<std::uint32_t> operands;  // of types and constants without the result
};

[[noreturn]] void Fail(const std::string& what, std::uint32_t number) {
  throw std::runtime_error("SPIR-V: " + what + " " + std::to_string(number));
}

class Reader {
 public:
  Reader(std::span<const std::uint32_t> words, std::span<const std::uint32_t> constants)
      : constants_(constants) {
    if (words.size() < 5 || words[0] != kMagic) throw std::runtime_error("SPIR-V: no module");
    needs_.version = words[1];
    for (std::size_t at = 5; at < words.size();) {
      const std::size_t length = words[at] >> 16;
      if (length == 0 || at + length > words.size()) Fail("an instruction too long at word", U(at));
      Add(words[at] & 0xffffu, words.subspan(at + 1, length - 1));
      at += length;
    }
  }

  SpirvNeeds Needs() {
    for (const auto& [id, decorations] : decorations_) {
      const auto built_in = decorations.find(kBuiltIn);
      if (built_in != decorations.end() && built_in->second == kWorkgroupSize) {
        for (std::uint32_t i = 0; i < 3; ++i)
          needs_.workgroup[i] = Value(At(id).operands.at(1 + i));
      }
    }
    for (const auto& [id, variable] : variables_) {
      const auto& [pointer, storage] = variable;
      const std::uint32_t pointee = At(pointer).operands.at(1);
      if (storage == kStorageWorkgroup) {
        needs_.shared_bytes = (needs_.shared_bytes + 15) / 16 * 16 + SizeOf(pointee);
      } else if (storage == kStoragePushConstant) {
        needs_.push_bytes = std::max(needs_.push_bytes, U(StructEnd(pointee)));
      } else if (decorations_[id].contains(kBinding)) {
        needs_.bindings.insert({decorations_[id][kDescriptorSet], decorations_[id][kBinding]});
      }
    }
    return needs_;
  }

 private:
  static std::uint32_t U(std::uint64_t value) { return static_cast<std::uint32_t>(value); }

  const Instruction& At(std::uint32_t id) const {
    const auto it = results_.find(id);
    if (it == results_.end()) Fail("no type or constant has the id", id);
    return it->second;
  }

  void Add(std::uint32_t opcode, std::span<const std::uint32_t> operands) {
    const bool type = opcode >= kTypeBool && opcode <= kTypePointer;
    const bool constant = opcode >= kConstantTrue && opcode <= kSpecConstantOp;
    if (opcode == kCapability) {
      needs_.capabilities.insert(operands[0]);
    } else if (opcode == kExtension) {
      const std::string text(reinterpret_cast<const char*>(operands.data()), operands.size_bytes());
      needs_.extensions.push_back(text.substr(0, text.find('\0')));
    } else if (opcode == kExecutionMode && operands[1] == kLocalSize) {
      std::copy_n(operands.begin() + 2, 3, needs_.workgroup.begin());
    } else if (opcode == kDecorate) {
      decorations_[operands[0]][operands[1]] = operands.size() > 2 ? operands[2] : 0;
    } else if (opcode == kMemberDecorate && operands[2] == kOffset) {
      offsets_[operands[0]][operands[1]] = operands[3];
    } else if (opcode == kVariable) {
      variables_[operands[1]] = {operands[0], operands[2]};
    } else if (type) {
      results_[operands[0]] = {opcode, {operands.begin() + 1, operands.end()}};
    } else if (constant) {  // the type stays, in front
      Instruction& result = results_[operands[1]];
      result = {opcode, {operands.begin(), operands.end()}};
      result.operands.erase(result.operands.begin() + 1);
    }
  }

  // Of an integer or boolean constant.
  std::uint32_t Value(std::uint32_t id) {
    const Instruction& it = At(id);
    if (const auto spec = decorations_[id].find(kSpecId); spec != decorations_[id].end()) {
      if (spec->second < constants_.size()) return constants_[spec->second];
    }
    switch (it.opcode) {
      case kConstantTrue:
      case kSpecConstantTrue:
        return 1;
      case kConstantFalse:
      case kSpecConstantFalse:
        return 0;
      case kConstant:
      case kSpecConstant:
        return it.operands.at(1);
      case kSpecConstantOp:
        return Folded(it);
      default:
        Fail("a size is no constant but opcode", it.opcode);
    }
  }

  std::uint32_t Folded(const Instruction& it) {
    const std::uint32_t opcode = it.operands.at(1);
    if (opcode == kCompositeExtract) {
      return Value(At(it.operands.at(2)).operands.at(1 + it.operands.at(3)));
    }
    const std::uint32_t a = Value(it.operands.at(2)), b = Value(it.operands.at(3));
    switch (opcode) {
      case kIAdd:
        return a + b;
      case kISub:
        return a - b;
      case kIMul:
        return a * b;
      case kUDiv:
        return b == 0 ? 0 : a / b;
      case kShiftRight:
        return a >> b;
      case kShiftLeft:
        return a << b;
      default:
        Fail("a size is computed by opcode", opcode);
    }
  }

  // From one element of an array to the next.
  std::uint64_t StrideOf(std::uint32_t array) {
    const auto stride = decorations_[array].find(kArrayStride);
    if (stride != decorations_[array].end()) return stride->second;
    return SizeOf(At(array).operands.at(0));
  }

  std::uint64_t SizeOf(std::uint32_t type) {
    const Instruction& it = At(type);
    switch (it.opcode) {
      case kTypeBool:
        return 4;
      case kTypeInt:
      case kTypeFloat:
        return it.operands.at(0) / 8;
      case kTypeVector:  // three take the room of four
        return SizeOf(it.operands.at(0)) * (it.operands.at(1) == 3 ? 4 : it.operands.at(1));
      case kTypeArray:
        return StrideOf(type) * Value(it.operands.at(1));
      case kTypeStruct: {
        if (offsets_.contains(type)) return StructEnd(type);
        std::uint64_t bytes = 0;
        for (const std::uint32_t member : it.operands) bytes += (SizeOf(member) + 15) / 16 * 16;
        return bytes;
      }
      default:
        Fail("no size is known of type opcode", it.opcode);
    }
  }

  // Of a block with offsets.
  std::uint64_t StructEnd(std::uint32_t type) {
    std::uint64_t end = 0;
    const Instruction& it = At(type);
    for (std::uint32_t i = 0; i < it.operands.size(); ++i) {
      end = std::max(end, offsets_[type][i] + SizeOf(it.operands[i]));
    }
    return end;
  }

  const std::span<const std::uint32_t> constants_;
  SpirvNeeds needs_;
  std::map<std::uint32_t, Instruction> results_;  // types and constants by id
  std::map<std::uint32_t, std::map<std::uint32_t, std::uint32_t>> decorations_;
  std::map<std::uint32_t, std::map<std::uint32_t, std::uint32_t>> offsets_;
  std::map<std::uint32_t, std::pair<std::uint32_t, std::uint32_t>> variables_;  // type, storage
};

}  // namespace

SpirvNeeds ReadSpirv(std::span<const std::uint32_t> words,
                     std::span<const std::uint32_t> constants) {
  return Reader(words, constants).Needs();
}

}  // namespace inferometer::vulkan
