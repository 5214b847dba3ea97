# SPDX-License-Identifier: GPL-3.0-or-later
# nestkernel, the program that is measured: the same bytes in every layer, and small, since it is started
# hundreds of times in emulated guests.
add_library(nb_measure STATIC measure.c crew.c)
target_link_libraries(nb_measure PUBLIC nb_workloads nb_lib)

add_executable(nestkernel nestkernel.c nestkernel_options.c catalogue.c)
target_compile_definitions(nestkernel PRIVATE NESTBENCH_VERSION="${PROJECT_VERSION}")
target_link_libraries(nestkernel PRIVATE nb_measure)

# The same objects as a dynamic program, for what must load a library while running (OpenCL).
add_executable(nestkernel-dl nestkernel.c nestkernel_options.c catalogue.c)
target_compile_definitions(nestkernel-dl PRIVATE NESTBENCH_VERSION="${PROJECT_VERSION}")
target_link_libraries(nestkernel-dl PRIVATE nb_measure)

# Linked statically, the C library's functions too are the same bytes in every layer, whatever library a
# layer has; and in an emulated guest it starts in 10 ms where dynamic linking takes 50. As static-pie it
# is still something that ldd understands. The sanitizers cannot be linked statically.
include(CheckCSourceCompiles)
set(CMAKE_REQUIRED_FLAGS -fPIE)
set(CMAKE_REQUIRED_LINK_OPTIONS -static-pie)
set(CMAKE_REQUIRED_LIBRARIES m)
check_c_source_compiles("#include <math.h>\nint main(int c, char **v) { (void)v; return (int)fma(c, c, c); }"
  NESTBENCH_STATIC_PIE)
unset(CMAKE_REQUIRED_FLAGS)
unset(CMAKE_REQUIRED_LINK_OPTIONS)
unset(CMAKE_REQUIRED_LIBRARIES)
if(NESTBENCH_STATIC_PIE AND NOT NESTBENCH_SANITIZE)
  target_sources(nestkernel PRIVATE no_dlopen.c)
  target_link_options(nestkernel PRIVATE -static-pie
    -Wl,--wrap=dlopen,--wrap=dlsym,--wrap=dlerror,--wrap=dlclose)
endif()
