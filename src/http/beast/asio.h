// Asio, as this room uses it. Include it before any other header of Boost.
#pragma once

// Asio puts memory fences around handlers for event loops that several threads run. Each of ours is
// run by one; the thread sanitizer knows nothing of fences, and gcc refuses them under it.
#define BOOST_ASIO_DISABLE_FENCED_BLOCK

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
