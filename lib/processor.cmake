# SPDX-License-Identifier: GPL-3.0-or-later
# Kernels, clocks, the guest's first program and the VMs are those of x86-64; the compiler's errors would not say so.
if(NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|amd64|AMD64)$")
  message(FATAL_ERROR "nestbench builds only for x86-64 (little-endian), not for \"${CMAKE_SYSTEM_PROCESSOR}\"")
endif()
if(CMAKE_C_BYTE_ORDER STREQUAL "BIG_ENDIAN")
  message(FATAL_ERROR "nestbench builds only for x86-64, which is little-endian; this compiler makes big-endian programs")
endif()
if(DEFINED CMAKE_SIZEOF_VOID_P AND NOT CMAKE_SIZEOF_VOID_P EQUAL 8)
  message(FATAL_ERROR "nestbench builds only for x86-64 in 64 bits; this compiler makes programs of other pointers (-m32?)")
endif()
