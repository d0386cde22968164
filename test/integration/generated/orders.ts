/* eslint-disable */
/**
 * The API of orders.yaml, as orval 8.38.0 makes it: see orval.config.js.
 * Do not edit manually.
 */
import axios from 'axios';
import type { AxiosInstance, AxiosRequestConfig, AxiosResponse } from 'axios';

export interface NewOrder {
  article: string;
  quantity?: number;
}

export interface Order {
  id: string;
  createdAt: string;
  customerId?: number;
  content?: NewOrder;
}

export type CreateOrderHeaders = {
  'Idempotency-Key'?: string;
};

export const getOrders = (axiosInstance: AxiosInstance = axios) => {
  const listOrders = (options?: AxiosRequestConfig): Promise<AxiosResponse<Order[]>> => {
    return axiosInstance.get(`/orders`, options);
  };
  const getListOrdersUrl = () => {
    return axiosInstance
      .create({
        baseURL: '',
        params: null,
      })
      .getUri({
        url: `/orders`,
        baseURL: '',
      });
  };

  const createOrder = (
    newOrder: NewOrder,
    headers?: CreateOrderHeaders,
    options?: AxiosRequestConfig,
  ): Promise<AxiosResponse<Order>> => {
    return axiosInstance.post(`/orders`, newOrder, {
      ...options,
      headers: { ...headers, ...options?.headers },
    });
  };
  const getCreateOrderUrl = () => {
    return axiosInstance
      .create({
        baseURL: '',
        params: null,
      })
      .getUri({
        url: `/orders`,
        baseURL: '',
      });
  };

  const getOrder = (orderId: string, options?: AxiosRequestConfig): Promise<AxiosResponse<Order>> => {
    return axiosInstance.get(`/orders/${orderId}`, options);
  };
  const getGetOrderUrl = (orderId: string) => {
    return axiosInstance
      .create({
        baseURL: '',
        params: null,
      })
      .getUri({
        url: `/orders/${orderId}`,
        baseURL: '',
      });
  };

  return { listOrders, createOrder, getOrder, getListOrdersUrl, getCreateOrderUrl, getGetOrderUrl };
};
export type ListOrdersResult = AxiosResponse<Order[]>;
export type CreateOrderResult = AxiosResponse<Order>;
export type GetOrderResult = AxiosResponse<Order>;
