// Small models, one of each family and feature, that `verify` holds against the reference whole.
#ifndef INFEROMETER_HARNESS_CLI_VERIFY_SHAPES_H_
#define INFEROMETER_HARNESS_CLI_VERIFY_SHAPES_H_

#include <vector>

#include "models/shape.h"

namespace inferometer {

// Rows of 256 values, so that every format is used as it is.
std::vector<ModelShape> VerifyShapes();

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_CLI_VERIFY_SHAPES_H_
