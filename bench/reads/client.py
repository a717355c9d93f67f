"""A warm process that reads the scene with the reader named on its command line, as often as it is asked on stdin.

usage: client.py READER SCENE, where SCENE is what bench/reads/scene.ts exports, as JSON
"""
import asyncio
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np

READER, SCENE = sys.argv[1], json.loads(sys.argv[2])
OVERVIEW, SIDE, WINDOWS = SCENE["overviewSide"], SCENE["windowSide"], SCENE["windows"]


def rasterio_reader(threads):
    """GDAL; its settings come in the environment. Each thread has a dataset of its own, as GDAL demands."""
    import rasterio
    from rasterio.windows import Window

    pool = ThreadPoolExecutor(threads) if threads else None

    def window(url, x, y):
        with rasterio.open(url) as dataset:
            return dataset.read(window=Window(x, y, SIDE, SIDE))

    def read(url, keep):
        with rasterio.open(url) as dataset:
            parts = [dataset.read(out_shape=(dataset.count, OVERVIEW, OVERVIEW))]
            if pool is None:
                parts += [dataset.read(window=Window(x, y, SIDE, SIDE)) for x, y in WINDOWS]
        if pool is not None:
            parts += list(pool.map(lambda place: window(url, *place), WINDOWS))
        return parts

    return read


def async_reader():
    """async-geotiff on obstore: all windows at once."""
    from async_geotiff import GeoTIFF, Window
    from obstore.store import HTTPStore

    loop = asyncio.new_event_loop()
    kept = {}

    async def pixels(url, keep):
        origin, path = "/".join(url.split("/")[:3]), "/".join(url.split("/")[3:])
        store = kept.get(origin) if keep else None
        if store is None:
            store = HTTPStore.from_url(origin, client_options={"allow_http": True})
        kept.clear()
        if keep:
            kept[origin] = store
        tiff = await GeoTIFF.open(path, store=store)
        overview = next(o for o in tiff.overviews if o.width == OVERVIEW)
        first = await overview.read(window=Window(0, 0, OVERVIEW, OVERVIEW))
        rest = await asyncio.gather(*(tiff.read(window=Window(x, y, SIDE, SIDE)) for x, y in WINDOWS))
        return [np.asarray(part.data) for part in (first, *rest)]

    return lambda url, keep: loop.run_until_complete(pixels(url, keep))


READERS = {
    "rasterio": lambda: rasterio_reader(0),
    "rasterio-threads": lambda: rasterio_reader(10),
    "async-geotiff": async_reader,
}
read = READERS[READER]()

for line in sys.stdin:
    request = json.loads(line)
    cpu, started = time.process_time(), time.perf_counter()
    try:
        parts = read(request["url"], request["keep"])
        answer = {"ms": 1000 * (time.perf_counter() - started), "cpuMs": 1000 * (time.process_time() - cpu)}
        if "pixels" in request:
            with open(request["pixels"], "wb") as file:
                for part in parts:  # bands first, as all of these have it
                    file.write(np.ascontiguousarray(np.moveaxis(part, 0, -1)).tobytes())
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(answer), flush=True)
