# callscope_ui: the files of CALLSCOPE_UI_DIST packed into a library, which only main links, so that a
# change of the web UI compiles one small file. Without a built UI it is empty.
function(callscope_ui_library)
  find_package(Python3 REQUIRED COMPONENTS Interpreter)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${CALLSCOPE_UI_DIST}/*)
  set(source ${CMAKE_BINARY_DIR}/ui/ui_files.cc)
  set(packer ${CMAKE_SOURCE_DIR}/tools/pack_ui.py)
  add_custom_command(
    OUTPUT ${source}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/ui
    COMMAND Python3::Interpreter ${packer} ${CALLSCOPE_UI_DIST} ${source}
    DEPENDS ${packer} ${files}
    COMMENT "Packing the web UI"
    VERBATIM)
  add_library(callscope_ui STATIC ${source})
  target_link_libraries(callscope_ui PUBLIC callscope_serve)
endfunction()
