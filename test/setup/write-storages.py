"""Writes rasters in many storages, and beside each what GDAL reads back from it.

Standard input: {"folder": ..., "storages": [{"file", "type", "bands", "driver", "options", ...}]} (test/setup/storages.ts).
Standard output: of each storage the sizes of its levels, or why GDAL did not write it.
Beside FILE.tif lie FILE.LEVEL.pixels (interleaved by pixel, in this machine's byte order), FILE.LEVEL.valid (a byte a
pixel: 1 where the mask of any band but alpha is not 0), and for lossy LERC FILE.original.
"""
import json
import sys

import numpy as np
from osgeo import gdal

gdal.UseExceptions()
gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES")
gdal.SetConfigOption("CPL_LOG", "/dev/null")

WIDTH, HEIGHT = 213, 157
TYPES = {
    "Byte": (gdal.GDT_Byte, np.uint8), "UInt16": (gdal.GDT_UInt16, np.uint16), "Int16": (gdal.GDT_Int16, np.int16),
    "UInt32": (gdal.GDT_UInt32, np.uint32), "Int32": (gdal.GDT_Int32, np.int32),
    "Float32": (gdal.GDT_Float32, np.float32), "Float64": (gdal.GDT_Float64, np.float64),
    "Int64": (gdal.GDT_Int64, np.int64), "UInt64": (gdal.GDT_UInt64, np.uint64),
    "CInt16": (gdal.GDT_CInt16, np.complex64), "CFloat32": (gdal.GDT_CFloat32, np.complex64),
}


def source(storage):
    """Waves with a little noise over the type's whole range, an empty square, and a border that is masked."""
    gdal_type, numpy_type = TYPES[storage["type"]]
    bands = storage["bands"]
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    noise = np.random.default_rng(7).random((bands, HEIGHT, WIDTH))
    waves = np.stack([np.sin(x / (17 + b)) * np.cos(y / (23 - b)) for b in range(bands)])
    share = np.clip(0.5 + 0.45 * waves + 0.04 * (noise - 0.5), 0, 1)
    least, most = storage.get("range") or limits(numpy_type)
    values = (least + share * (most - least)).astype(numpy_type)
    nodata = storage.get("nodata")
    if storage.get("empty"):
        values[:, 48:, 64:] = nodata or 0
    if nodata is not None:
        values[:, 20:40, 5:90] = nodata
        values[0, 50:60, 5:20] = nodata
    if storage.get("special"):
        values[:, 10, 3:40:3], values[:, 11, 5], values[:, 11, 6] = np.nan, np.inf, -np.inf
    memory = gdal.GetDriverByName("MEM").Create("", WIDTH, HEIGHT, bands, gdal_type)
    for b in range(bands):
        memory.GetRasterBand(b + 1).WriteArray(values[b])
        if nodata is not None:
            memory.GetRasterBand(b + 1).SetNoDataValue(nodata)
    if storage.get("alpha"):
        colours = [gdal.GCI_RedBand, gdal.GCI_GreenBand, gdal.GCI_BlueBand][: bands - 1]
        for b, colour in enumerate([*colours, gdal.GCI_AlphaBand]):
            memory.GetRasterBand(b + 1).SetColorInterpretation(colour)
        memory.GetRasterBand(bands).WriteArray(inside(255))
    if storage.get("mask"):
        memory.CreateMaskBand(gdal.GMF_PER_DATASET)
        memory.GetRasterBand(1).GetMaskBand().WriteArray(inside(255))
    return memory, values


def limits(numpy_type):
    if np.issubdtype(numpy_type, np.integer):
        return float(np.iinfo(numpy_type).min), float(np.iinfo(numpy_type).max)
    return -3e4, 3e4


def inside(value):
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    return np.where((x + y > 70) & (x < 200), value, 0).astype(np.uint8)


def write(folder, storage):
    memory, values = source(storage)
    path = f'{folder}/{storage["file"]}.tif'
    copy = gdal.GetDriverByName(storage["driver"]).CreateCopy(path, memory, options=storage["options"])
    del copy  # which writes it
    if storage.get("tolerance"):
        np.moveaxis(values, 0, -1).tofile(path.replace(".tif", ".original"))
    file = gdal.Open(path)  # bands live only as long as the variable of their file
    count = file.GetRasterBand(1).GetOverviewCount()
    return [read(path, level) for level in range(count + 1)]


def read(path, level):
    file = gdal.OpenEx(path, open_options=[f"OVERVIEW_LEVEL={level - 1}"] if level > 0 else [])
    pixels = file.ReadAsArray().reshape(file.RasterCount, file.RasterYSize, file.RasterXSize)
    np.moveaxis(pixels, 0, -1).tofile(path.replace(".tif", f".{level}.pixels"))
    bands = [file.GetRasterBand(b + 1) for b in range(file.RasterCount)]
    masks = [b.GetMaskBand().ReadAsArray() for b in bands if b.GetColorInterpretation() != gdal.GCI_AlphaBand]
    np.any(np.stack(masks) != 0, axis=0).astype(np.uint8).tofile(path.replace(".tif", f".{level}.valid"))
    return {"width": file.RasterXSize, "height": file.RasterYSize}


def attempt(folder, storage):
    try:
        return {"levels": write(folder, storage)}
    except Exception as error:  # GDAL's own are RuntimeErrors, of any text
        return {"refused": str(error)}


task = json.load(sys.stdin)
print(json.dumps([attempt(task["folder"], storage) for storage in task["storages"]]))
