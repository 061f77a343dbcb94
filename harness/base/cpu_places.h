// Where threads may run: one place per physical core of those this process may use.
#ifndef INFEROMETER_HARNESS_BASE_CPU_PLACES_H_
#define INFEROMETER_HARNESS_BASE_CPU_PLACES_H_

#include <vector>

namespace inferometer {

struct CpuPlace {
  int cpu = 0;           // the operating system's number of a hardware thread
  int efficiency = 0;    // kind of the core; higher is faster
  bool sibling = false;  // a second hardware thread of a core that stands earlier in the list
};

// Hardware threads that this process may use (affinity respected), best first: one per physical
// core, performance cores first, then the siblings. Never empty. Read once, at the first call.
const std::vector<CpuPlace>& CpuPlaces();

// CPUs' worth of time that a cgroup quota allows, rounded up; 0 when there is no quota.
int CpuQuota();

// Physical cores that this process may use, at most CpuQuota(), at least 1: the default number of
// compute threads.
int DefaultThreads();

// Pins the calling thread; false when the system refuses.
bool PinThisThread(const CpuPlace& place);
// Lets it run again wherever the process may: for threads that must not share a computing core.
bool UnpinThisThread();

}  // namespace inferometer

#endif  // INFEROMETER_HARNESS_BASE_CPU_PLACES_H_
