// An object of the store as the bytes that the audio room reads.
#pragma once

#include <memory>

#include "audio/bytes.h"
#include "store/objects/objects.h"

namespace callscope::listen {

std::unique_ptr<audio::Bytes> object_bytes(std::shared_ptr<const store::ObjectReader> object);

}  // namespace callscope::listen
