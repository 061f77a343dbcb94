// Speech that is spoken while its tokens are still being generated.
#ifndef INFEROMETER_HARNESS_WORKLOADS_SPEECH_H_
#define INFEROMETER_HARNESS_WORKLOADS_SPEECH_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace inferometer {

// Speech comes at the pace at which most authors recommend to read radio news, 160 to 180 words a
// minute: the slower end of it (Rodero 2012: A comparative analysis of speech rate and perception
// in radio bulletins, Text & Talk 32-3).
inline constexpr double kWordsPerMinute = 160;
// "1 token ~= 3/4 words" of English (OpenAI help centre, "What are tokens and how to count
// them?"). The models' own tokenizers differ by some per cent.
inline constexpr double kTokensPerWord = 4.0 / 3;
inline constexpr double kSpeechTokensPerSecond = kWordsPerMinute / 60 * kTokensPerWord;  // 3.56

// Tokens that make the first clause, with which speech begins.
inline constexpr std::size_t kClauseTokens = 16;

// first_clause_time_v1: the time of the 16th sampled token. Throws Error when there are fewer.
double FirstClauseTime(std::span<const double> token_times_s);

// speech_headroom_v1: decode_rate_v1 over the tokens of which speech takes so many a second.
double SpeechHeadroom(std::span<const double> token_times_s);

// speech_stalls_v1: speech begins at the first clause's last token, says each token for
// 1 / kSpeechTokensPerSecond, and waits when the next one is not there by then: one stall for each
// token waited for. A token that comes at that very moment is no stall.
std::int64_t SpeechStalls(std::span<const double> token_times_s);

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_WORKLOADS_SPEECH_H_
