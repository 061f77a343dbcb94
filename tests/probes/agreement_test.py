"""On the machine at hand, `inferometer probe --json` says what another tool says of the same thing.

Usage: agreement_test.py PROGRAM lscpu|lstopo|vulkaninfo|clinfo; exit status 77: skipped, with the reason.
Whatever moves from one second to the next (clocks, free memory) is not compared.
"""

import json
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree

failures = []


def check(what, ours, theirs):
    print(f"{what}: {ours!r}")
    if ours != theirs:
        failures.append(f"{what}: the probe says {ours!r}, the tool says {theirs!r}")


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(77)


def output(*command):
    done = subprocess.run(command, capture_output=True, text=True, env=None, check=False,
                          stdin=subprocess.DEVNULL)
    return done.stdout


def cpu_list(text):
    cpus = []
    for part in filter(None, text.replace(" ", "").split(",")):
        first, _, last = part.partition("-")
        cpus += range(int(first), int(last or first) + 1)
    return cpus


def compare_lscpu(device):
    cpu = device["cpu"]
    rows = {}

    def collect(entries):  # newer versions nest them
        for entry in entries:
            rows[entry["field"].rstrip(":")] = entry["data"]
            collect(entry.get("children", []))
    collect(json.loads(output("lscpu", "-J", "-B"))["lscpu"])
    check("architecture", device["os"]["architecture"], rows["Architecture"])
    kinds = sorted(c for kind in cpu["kinds"] for c in cpu_list(kind["cpus"]))
    check("CPUs on line", kinds, cpu_list(rows["On-line CPU(s) list"]))
    check("threads", cpu["threads"], len(cpu_list(rows["On-line CPU(s) list"])))
    for field, key in (("Vendor ID", "vendor"), ("Model name", "name")):
        if rows.get(field, "-") != "-" and device["os"]["architecture"] == "x86_64":
            check(field, cpu[key], rows[field])
    for field, value in (("Socket(s)", cpu["packages"]), ("Thread(s) per core", cpu["threads_per_core"])):
        if rows.get(field, "-").isdigit():
            check(field, value, int(rows[field]))
    if rows.get("Core(s) per socket", "-").isdigit():
        check("cores", cpu["cores"], int(rows["Core(s) per socket"]) * int(rows["Socket(s)"]))
    for field, level, kind in (("L1d cache", 1, "data"), ("L1i cache", 1, "instruction"),
                               ("L2 cache", 2, "unified"), ("L3 cache", 3, "unified")):
        match = re.match(r"(\d+)(?: \((\d+) instance)?", rows.get(field, ""))
        if not match or cpu["caches"] is None:
            continue
        caches = [c for c in cpu["caches"] if c["level"] == level and c["type"] == kind]
        check(f"{field}, bytes in all", sum(c["size_bytes"] * c["count"] for c in caches), int(match.group(1)))
        if match.group(2):
            check(f"{field}, instances", sum(c["count"] for c in caches), int(match.group(2)))
    if cpu["numa"] is not None and "NUMA node(s)" in rows:
        check("NUMA nodes", len(cpu["numa"]), int(rows["NUMA node(s)"]))
        for node in cpu["numa"]:
            check(f"CPUs of node {node['node']}", cpu_list(node["cpus"]), cpu_list(rows[f"NUMA node{node['node']} CPU(s)"]))
    flags = rows.get("Flags", "").split()
    check("instruction sets that lscpu lists too", [name for name in cpu["isa"] or [] if name not in flags], [])
    # Those among lscpu's that kernels choose between must be told.
    for name in ("avx2", "fma", "avx_vnni", "avx512f", "avx512vbmi", "avx512_vnni", "avx512_bf16", "avx512_fp16",
                 "amx_int8", "amx_bf16", "asimddp", "i8mm", "sve", "sve2"):
        check(name, name in (cpu["isa"] or []), name in flags)
    if "Hypervisor vendor" in rows:
        known = {"kvm": "KVM", "xen": "Xen", "hyper-v": "Microsoft", "vmware": "VMware"}
        ours = device["environment"]["hypervisor"]
        check("hypervisor", known.get(ours, ours), rows["Hypervisor vendor"])
    for field, key in (("CPU max MHz", "max_hz"), ("CPU min MHz", "min_hz")):
        if field in rows:
            check(field, round(cpu["clock"][key] / 1e6), round(float(rows[field])))


def compare_lstopo(device):
    cpu = device["cpu"]
    tree = xml.etree.ElementTree.fromstring(output("lstopo-no-graphics", "--of", "xml"))

    def objects(kind):
        return [item for item in tree.iter("object") if item.get("type") == kind]
    check("packages", cpu["packages"], len(objects("Package")))
    check("cores", cpu["cores"], len(objects("Core")))
    check("threads", cpu["threads"], len(objects("PU")))
    check("NUMA nodes", len(cpu["numa"] or []), len(objects("NUMANode")))
    cpus = sorted(int(item.get("os_index")) for item in objects("PU"))
    check("CPUs", sorted(c for kind in cpu["kinds"] for c in cpu_list(kind["cpus"])), cpus)
    for name, level, kind in (("L1Cache", 1, "data"), ("L1iCache", 1, "instruction"), ("L2Cache", 2, "unified"),
                              ("L3Cache", 3, "unified")):
        ours = []
        for cache in cpu["caches"] or []:
            if cache["level"] == level and cache["type"] == kind:
                ours += [(cache["size_bytes"], cache["line_bytes"])] * cache["count"]
        check(name, sorted(ours), sorted((int(c.get("cache_size")), int(c.get("cache_linesize")))
                                         for c in objects(name)))
    kinds = tree.findall("cpukind")
    if len(kinds) > 1:
        check("kinds of cores", len(cpu["kinds"]), len(kinds))


def number(text):
    """'0x80000000', '4206822' or '2147483648 (0x80000000) (2.00 GiB)'"""
    return int(text.split()[0], 0)


def api_devices(device, api):
    answer = device["gpu_apis"][api]
    if answer is None or answer["status"] in ("no loader", "not built"):
        skip(f"the probe has no {api}: {answer and answer['reason']}")
    return [entry for gpu in device["gpus"] for entry in gpu[api]]


def compare_vulkaninfo(device):
    ours = api_devices(device, "vulkan")
    text = output("vulkaninfo")
    parts = re.split(r"^GPU\d+:$", text.split("Device Properties and Extensions:", 1)[-1], flags=re.M)[1:]
    check("number of devices", len(ours), len(parts))
    types = {"integrated": "INTEGRATED_GPU", "discrete": "DISCRETE_GPU", "virtual": "VIRTUAL_GPU", "cpu": "CPU",
             "other": "OTHER"}
    for part in parts:
        theirs = {}
        for key, value in re.findall(r"^\t+(\w+) +=(?: (.*))?$", part, flags=re.M):
            theirs.setdefault(key, value)
        name = theirs["deviceName"]
        mine = [one for one in ours if one["name"] == name and one["driver_name"] == theirs.get("driverName")]
        check(f"{name} is told once", len(mine), 1)
        if len(mine) != 1:
            continue
        one = mine[0]
        check("API version", one["api_version"], theirs["apiVersion"].split()[0])
        check("driver version", one["driver_version"], theirs["driverVersion"].split()[0])
        check("driver", one["driver_info"] or "", theirs.get("driverInfo") or "")
        check("type", "PHYSICAL_DEVICE_TYPE_" + types[one["type"]], theirs["deviceType"])
        for key, field in (("vendor_id", "vendorID"), ("device_id", "deviceID")):
            check(field, int(one[key], 16), number(theirs[field]))
        for key, field in (("shared_memory_bytes", "maxComputeSharedMemorySize"),
                           ("max_workgroup_invocations", "maxComputeWorkGroupInvocations"),
                           ("push_constants_bytes", "maxPushConstantsSize"),
                           ("max_storage_buffer_range_bytes", "maxStorageBufferRange"),
                           ("storage_buffer_alignment_bytes", "minStorageBufferOffsetAlignment"),
                           ("max_allocation_bytes", "maxMemoryAllocationSize"), ("max_buffer_bytes", "maxBufferSize"),
                           ("subgroup_size", "subgroupSize"), ("subgroup_size_min", "minSubgroupSize"),
                           ("subgroup_size_max", "maxSubgroupSize")):
            if field in theirs:
                check(field, one[key], number(theirs[field]))
        for key, field in (("fp16", "shaderFloat16"), ("int8", "shaderInt8"), ("int16", "shaderInt16"),
                           ("int64", "shaderInt64"), ("fp64", "shaderFloat64"),
                           ("storage_16bit", "storageBuffer16BitAccess"), ("storage_8bit", "storageBuffer8BitAccess"),
                           ("dot_product", "shaderIntegerDotProduct"),
                           ("dot_int8_accelerated", "integerDotProduct8BitSignedAccelerated"),
                           ("dot_int8_packed_accelerated", "integerDotProduct4x8BitPackedSignedAccelerated"),
                           ("buffer_device_address", "bufferDeviceAddress"),
                           ("subgroup_size_control", "subgroupSizeControl"),
                           ("full_subgroups", "computeFullSubgroups"),
                           ("timestamps_on_all_queues", "timestampComputeAndGraphics")):
            if field in theirs:
                check(field, one[key], theirs[field] == "true")
        check("timestamp period", f"{one['timestamp_period_ns']:g}", f"{float(theirs['timestampPeriod']):g}")
        for key, field in (("max_workgroup_size", "maxComputeWorkGroupSize"),
                           ("max_workgroup_count", "maxComputeWorkGroupCount")):
            sizes = re.search(rf"{field}: count = 3\n\s+(\d+)\n\s+(\d+)\n\s+(\d+)", part)
            check(field, one[key], [int(size) for size in sizes.groups()])
        heaps = re.findall(r"memoryHeaps\[\d+\]:\n\t\tsize += (\d+).*?(?=memoryHeaps\[|memoryTypes:)", part, flags=re.S)
        check("heaps", [heap["size_bytes"] for heap in one["heaps"]], [int(size) for size in heaps])
        families = re.findall(r"queueCount += (\d+)\n\s+queueFlags += (.*)\n\s+timestampValidBits += (\d+)", part)
        check("queues", [(q["count"], q["compute"], q["timestamp_bits"]) for q in one["queues"]],
              [(int(count), "COMPUTE" in flags, int(bits)) for count, flags, bits in families])
        operations = re.search(r"supportedOperations: count = \d+\n((?:\t\tSUBGROUP_FEATURE_\w+_BIT\n)+)", part)
        if operations:
            names = re.findall(r"SUBGROUP_FEATURE_(\w+)_BIT", operations.group(1))
            check("subgroup operations", one["subgroup_operations"], [name.lower() for name in names])
        listed = part.split("Device Extensions:", 1)[-1].split("\n\n", 1)[0]
        check("extensions", sorted(one["extensions"]), sorted(re.findall(r"^\t(VK_\w+) *:", listed, flags=re.M)))


def compare_clinfo(device):
    ours = api_devices(device, "opencl")
    theirs, platforms = {}, {}
    for line in output("clinfo", "--raw").splitlines():
        match = re.match(r"\[(\S+)/(\d+|\*)\]\s+(\w+)\s+(.*)$", line)
        if match and match.group(2) == "*":
            platforms[(match.group(1), match.group(3))] = match.group(4).strip()
        elif match:
            theirs.setdefault(match.group(1, 2), {})[match.group(3)] = match.group(4).strip()
    check("number of devices", len(ours), len(theirs))
    for (suffix, _), rows in theirs.items():
        name, platform = rows["CL_DEVICE_NAME"], platforms[(suffix, "CL_PLATFORM_NAME")]
        mine = [one for one in ours if one["name"] == name and one["platform"] == platform]
        check(f"{name} of {platform} is told once", len(mine), 1)
        if len(mine) != 1:
            continue
        one = mine[0]
        for key, field in (("vendor", "CL_DEVICE_VENDOR"), ("version", "CL_DEVICE_VERSION"),
                           ("driver_version", "CL_DRIVER_VERSION")):
            check(field, one[key], " ".join(rows[field].split()))
        check("vendor id", int(one["vendor_id"], 16), int(rows["CL_DEVICE_VENDOR_ID"], 0))
        check("software", one["software"], "CL_DEVICE_TYPE_CPU" in rows["CL_DEVICE_TYPE"])
        for key, field in (("compute_units", "CL_DEVICE_MAX_COMPUTE_UNITS"), ("cache_bytes", "CL_DEVICE_GLOBAL_MEM_CACHE_SIZE"),
                           ("local_memory_bytes", "CL_DEVICE_LOCAL_MEM_SIZE"),
                           ("constant_buffer_bytes", "CL_DEVICE_MAX_CONSTANT_BUFFER_SIZE"),
                           ("max_workgroup_invocations", "CL_DEVICE_MAX_WORK_GROUP_SIZE"),
                           ("max_arguments_bytes", "CL_DEVICE_MAX_PARAMETER_SIZE"),
                           ("max_subgroups", "CL_DEVICE_MAX_NUM_SUB_GROUPS"),
                           ("timer_resolution_ns", "CL_DEVICE_PROFILING_TIMER_RESOLUTION")):
            if rows.get(field, "").isdigit():
                check(field, one[key], int(rows[field]))
        # PoCL derives the sizes of memory from what is free just then.
        if not one["software"]:
            for key, field in (("global_memory_bytes", "CL_DEVICE_GLOBAL_MEM_SIZE"),
                               ("max_allocation_bytes", "CL_DEVICE_MAX_MEM_ALLOC_SIZE")):
                check(field, one[key], int(rows[field]))
        check("local memory", f"CL_{one['local_memory_type'].upper()}", rows["CL_DEVICE_LOCAL_MEM_TYPE"])
        check("unified memory", one["unified_memory"], rows["CL_DEVICE_HOST_UNIFIED_MEMORY"] == "CL_TRUE")
        check("images", one["images"], rows["CL_DEVICE_IMAGE_SUPPORT"] == "CL_TRUE")
        check("work group", one["max_workgroup_size"], [int(n) for n in rows["CL_DEVICE_MAX_WORK_ITEM_SIZES"].split()])
        check("extensions", one["extensions"], rows["CL_DEVICE_EXTENSIONS"].split())
        for key, extension in (("fp16", "cl_khr_fp16"), ("dot_product", "cl_khr_integer_dot_product")):
            check(extension, one[key], extension in rows["CL_DEVICE_EXTENSIONS"].split())
        if "CL_DEVICE_OPENCL_C_FEATURES" in rows:
            features = [word.partition(":")[0] for word in rows["CL_DEVICE_OPENCL_C_FEATURES"].split()]
            check("OpenCL C features", one["c_features"], features)
        if "CL_DEVICE_OPENCL_C_ALL_VERSIONS" in rows:
            newest = max(int(v, 16) for v in re.findall(r"0x\w+", rows["CL_DEVICE_OPENCL_C_ALL_VERSIONS"]))
            check("OpenCL C", one["c_version"], f"{newest >> 22}.{newest >> 12 & 1023}")


COMPARE = {"lscpu": ("lscpu", compare_lscpu), "lstopo": ("lstopo-no-graphics", compare_lstopo),
           "vulkaninfo": ("vulkaninfo", compare_vulkaninfo), "clinfo": ("clinfo", compare_clinfo)}


def main():
    program, tool = sys.argv[1:3]
    command, compare = COMPARE[tool]
    if shutil.which(command) is None:
        skip(f"{command} is not installed: nothing is compared with it")
    compare(json.loads(output(program, "probe", "--json"))["device"])
    for failure in failures:
        print(f"FAILED: {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
