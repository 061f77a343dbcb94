// The fixed words at the head of a result file.
#ifndef INFEROMETER_RESULTS_SCHEMA_ID_H_
#define INFEROMETER_RESULTS_SCHEMA_ID_H_

namespace inferometer {

inline constexpr char kSchemaId[] = "urn:inferometer:schema:result:1.0";
inline constexpr char kSchemaVersion[] = "1.0";
inline constexpr char kSchemaKind[] = "result";
inline constexpr char kSuite[] = "1.0";

}  // namespace inferometer

#endif  // INFEROMETER_RESULTS_SCHEMA_ID_H_
