// The program `inferometer`.
#include "harness/cli/commands.h"

int main(int argc, char** argv) { return inferometer::RunProgram(argc, argv); }
