// The smallest program that can be a gpu_helper.
#include "probes/probe.h"

int main(int argc, char** argv) { return inferometer::AnswerGpuQuestion(argc, argv).value_or(2); }
