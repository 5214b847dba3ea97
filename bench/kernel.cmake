# SPDX-License-Identifier: GPL-3.0-or-later
# nestkernel, the program that is measured: the same bytes in every layer, and small, since it is started
# hundreds of times in emulated guests. It must not link more than libc and libm.
add_library(nb_measure STATIC measure.c)
target_link_libraries(nb_measure PUBLIC nb_workloads nb_base)

add_executable(nestkernel nestkernel.c options.c)
target_compile_definitions(nestkernel PRIVATE NESTBENCH_VERSION="${PROJECT_VERSION}")
target_link_libraries(nestkernel PRIVATE nb_measure)
