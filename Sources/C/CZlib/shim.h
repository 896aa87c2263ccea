#pragma once
#include <zlib.h>

/// `inflateInit2` is a macro. 16 beyond the window's bits: a gzip header and trailer (RFC 1952), and nothing else.
static inline int thaw_gzip_inflate_init(z_stream *stream) { return inflateInit2(stream, 16 + MAX_WBITS); }
