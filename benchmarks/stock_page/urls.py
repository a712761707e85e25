from django.urls import path

from benchmarks.stock_page.views import StockList, bare, search

urlpatterns = [
    path("m/<slug:merchant>/<str:mode>/stock/", StockList.as_view()),
    path("m/<slug:merchant>/<str:mode>/bare/", bare),
    path("m/<slug:merchant>/<str:mode>/search/", search),
]
