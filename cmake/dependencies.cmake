# Every library we link, once. docs/dependencies.md says what each is for and which room sees it.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)
find_package(benchmark REQUIRED)
find_package(Boost 1.81 REQUIRED COMPONENTS json url)
# grpc++ has hundreds of private requirements, and pkg_check_modules asks for them twenty times, a
# second each. Asked once and remembered.
if(NOT GRPC_LINK_OPTIONS)
  execute_process(COMMAND ${PKG_CONFIG_EXECUTABLE} --libs grpc++ OUTPUT_VARIABLE grpc_libs
                  OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  separate_arguments(grpc_libs)
  list(REMOVE_DUPLICATES grpc_libs)
  set(GRPC_LINK_OPTIONS ${grpc_libs} CACHE INTERNAL "")
endif()
add_library(PkgConfig::GRPC INTERFACE IMPORTED)
target_link_libraries(PkgConfig::GRPC INTERFACE ${GRPC_LINK_OPTIONS})
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(SNDFILE REQUIRED IMPORTED_TARGET sndfile)
pkg_check_modules(OPUSFILE REQUIRED IMPORTED_TARGET opusfile opus)
pkg_check_modules(SOXR REQUIRED IMPORTED_TARGET soxr)
pkg_check_modules(KISSFFT REQUIRED IMPORTED_TARGET kissfft-float)
pkg_check_modules(EBUR128 REQUIRED IMPORTED_TARGET libebur128)
pkg_check_modules(TOMLPP REQUIRED IMPORTED_TARGET tomlplusplus)

find_library(SOCI_CORE soci_core REQUIRED)
find_library(SOCI_SQLITE3 soci_sqlite3 REQUIRED)
find_library(SQLITE3 sqlite3 REQUIRED)
add_library(soci INTERFACE)
target_link_libraries(soci INTERFACE ${SOCI_SQLITE3} ${SOCI_CORE} ${SQLITE3})
target_include_directories(soci SYSTEM INTERFACE /usr/include/soci)

if(NOT EXISTS ${CALLSCOPE_DUCKDB_DIR}/lib/libduckdb.so)
  message(FATAL_ERROR "DuckDB not found in '${CALLSCOPE_DUCKDB_DIR}': run ./dev setup, then ./dev build")
endif()
add_library(duckdb SHARED IMPORTED)
set_target_properties(duckdb PROPERTIES
  IMPORTED_LOCATION ${CALLSCOPE_DUCKDB_DIR}/lib/libduckdb.so
  IMPORTED_NO_SONAME ON
  INTERFACE_INCLUDE_DIRECTORIES ${CALLSCOPE_DUCKDB_DIR}/include)

# The speech detector's weights, which ./dev setup takes out of the Python package that ships them.
file(STRINGS ${CMAKE_SOURCE_DIR}/tools/versions.env silero_version REGEX "^SILERO_VAD_VERSION=")
string(REPLACE "SILERO_VAD_VERSION=" "" silero_version "${silero_version}")
if(DEFINED ENV{CALLSCOPE_CACHE})
  set(cache_folder $ENV{CALLSCOPE_CACHE})
elseif(DEFINED ENV{XDG_CACHE_HOME})
  set(cache_folder $ENV{XDG_CACHE_HOME}/callscope)
else()
  set(cache_folder $ENV{HOME}/.cache/callscope)
endif()
set(CALLSCOPE_SILERO_WEIGHTS ${cache_folder}/silero-vad-${silero_version}/silero_vad.bin CACHE FILEPATH
    "The speech detector's weights, as tools/silero_weights.py writes them")
if(NOT EXISTS ${CALLSCOPE_SILERO_WEIGHTS})
  message(FATAL_ERROR "no weights of the speech detector in '${CALLSCOPE_SILERO_WEIGHTS}': run ./dev setup, then ./dev build")
endif()
