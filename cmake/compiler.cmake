# Warnings, sanitizers, linker and compiler cache: the same for every target.
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor
                    -Wold-style-cast -Woverloaded-virtual -Wnull-dereference -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # gcc 12 reports these in the standard library's own inlined code.
  add_compile_options(-Wno-null-dereference -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds
                      -Wno-maybe-uninitialized -Wno-free-nonheap-object)
endif()
if(CALLSCOPE_WERROR)
  add_compile_options(-Werror)
endif()

if(CALLSCOPE_SANITIZE)
  add_compile_options(-fsanitize=${CALLSCOPE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${CALLSCOPE_SANITIZE})
  if(CALLSCOPE_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=all)
    if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
      # clang 14 cannot assemble this check's prologue in coroutines.
      add_compile_options(-fno-sanitize=function)
    endif()
  endif()
endif()

# -march is left at the baseline so that a binary runs on every x86-64; hot loops that want more
# select it at run time.
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
